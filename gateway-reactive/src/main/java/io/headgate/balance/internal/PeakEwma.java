package io.headgate.balance.internal;

/**
 * The time to the first byte, as an average that follows a rise at once and a fall slowly, and forgets: the peak EWMA of
 * Finagle and Linkerd. The load is that time multiplied by the calls that wait for theirs.
 *
 * <p>An estimate and its time are one long, so that they change together: a float of nanoseconds above, and below it units of
 * about a millisecond.
 */
public final class PeakEwma implements Load {

    private static final int UNIT_SHIFT = 20;
    private static final int BACKWARD = -1000; // what clocks of threads can differ by; more is a wrap, after 25 days

    private final float initial;
    private final float floor;
    private final double unitsPerDecay;

    public PeakEwma(long initialNanos, long decayNanos, long floorNanos) {
        this.initial = Math.max(initialNanos, floorNanos);
        this.floor = floorNanos;
        this.unitsPerDecay = (double) decayNanos / (1L << UNIT_SHIFT);
    }

    long initial(long now) {
        return pack(initial, units(now));
    }

    @Override
    public double of(Node node, long now) {
        return seen(node, now) * (node.pending() + 1) / node.weight(now);
    }

    /** The time that an endpoint is taken to need, in nanoseconds: the estimate, but not less than the floor. */
    public double seen(Node node, long now) {
        return Math.max(floor, estimate(node.latency(), units(now)));
    }

    /** A call took so long. */
    public void observe(Node node, long nanos, long now) {
        int time = units(now);
        long before;
        long after;
        do {
            before = node.latency();
            float known = value(before);
            double kept = kept(before, time);
            after = pack(nanos >= known ? nanos : (float) (known * kept + nanos * (1 - kept)), time);
        } while (!node.latency(before, after));
    }

    /** A call was given up, or cut, after so long: it would have taken at least that. */
    public void observeAtLeast(Node node, long nanos, long now) {
        if (nanos > estimate(node.latency(), units(now))) {
            observe(node, nanos, now);
        }
    }

    /** The estimate of an endpoint, in nanoseconds. */
    public double estimate(Node node, long now) {
        return estimate(node.latency(), units(now));
    }

    private double estimate(long packed, int time) {
        return value(packed) * kept(packed, time);
    }

    private double kept(long packed, int time) {
        int passed = time - (int) packed;
        if (passed > 0) {
            return Math.exp(-passed / unitsPerDecay);
        }
        return passed >= BACKWARD ? 1 : 0;
    }

    private static int units(long nanos) {
        return (int) (nanos >>> UNIT_SHIFT);
    }

    private static float value(long packed) {
        return Float.intBitsToFloat((int) (packed >>> 32));
    }

    private static long pack(float value, int time) {
        return (long) Float.floatToRawIntBits(value) << 32 | time & 0xffff_ffffL;
    }
}
