package io.headgate.sync.internal.gob;

import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Arrays;

/**
 * A time as Go writes it. The instant counts; the zone is decoration, but is kept so that a time can be sent back byte by
 * byte. Immutable; equal when the bytes are.
 */
public final class GobTime {

    /** The time that Go leaves out: the first instant of the year 1. */
    public static final GobTime ZERO = of(Instant.parse("0001-01-01T00:00:00Z"));

    private static final long FROM_YEAR_1 = 62_135_596_800L;
    private static final int BYTES = 15;
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private final byte[] wire;
    private final Instant instant;

    private GobTime(byte[] wire, Instant instant) {
        this.wire = wire;
        this.instant = instant;
    }

    /**
     * A time in UTC.
     *
     * @param instant when
     * @return the time
     */
    public static GobTime of(Instant instant) {
        byte[] wire = new byte[BYTES];
        wire[0] = 1;
        long seconds = instant.getEpochSecond() + FROM_YEAR_1;
        int nanos = instant.getNano();
        for (int i = 0; i < Long.BYTES; i++) {
            wire[1 + i] = (byte) (seconds >>> 8 * (Long.BYTES - 1 - i));
        }
        for (int i = 0; i < Integer.BYTES; i++) {
            wire[9 + i] = (byte) (nanos >>> 8 * (Integer.BYTES - 1 - i));
        }
        wire[13] = -1;
        wire[14] = -1;
        return new GobTime(wire, instant);
    }

    /**
     * Reads a time.
     *
     * @param in is before it
     * @return the time
     */
    public static GobTime read(GobReader in) {
        byte[] wire = in.bytes();
        int version = wire.length == 0 ? 0 : wire[0];
        if (!(version == 1 && wire.length == BYTES || version == 2 && wire.length == BYTES + 1)) {
            throw new SyncWireException(
                    Reason.BAD_VALUE,
                    "time: version " + version + " in " + wire.length
                            + " bytes (expected: version 1 in 15 or 2 in 16)");
        }
        long seconds = 0;
        for (int i = 1; i <= Long.BYTES; i++) {
            seconds = seconds << 8 | wire[i] & 0xff;
        }
        int nanos = 0;
        for (int i = 9; i < 9 + Integer.BYTES; i++) {
            nanos = nanos << 8 | wire[i] & 0xff;
        }
        long epoch = seconds - FROM_YEAR_1;
        if (nanos < 0
                || nanos >= NANOS_PER_SECOND
                || epoch > seconds
                || epoch < Instant.MIN.getEpochSecond()
                || epoch > Instant.MAX.getEpochSecond()) {
            throw new SyncWireException(
                    Reason.BAD_VALUE,
                    "time: " + seconds + " s, " + Integer.toUnsignedString(nanos) + " ns (expected: a time)");
        }
        return new GobTime(wire, Instant.ofEpochSecond(epoch, nanos));
    }

    /**
     * Writes the time.
     *
     * @param out gets its length and its bytes
     */
    public void write(ByteBuf out) {
        Gob.uint(out, wire.length);
        out.writeBytes(wire);
    }

    /**
     * Bytes that {@link #write} writes.
     *
     * @return 16 or 17
     */
    public int size() {
        return 1 + wire.length;
    }

    /**
     * When.
     *
     * @return the instant
     */
    public Instant instant() {
        return instant;
    }

    /**
     * Whether Go would leave this out, as no time at all.
     *
     * @return whether it is the first instant of the year 1
     */
    public boolean isZero() {
        return instant.equals(ZERO.instant);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GobTime time && Arrays.equals(wire, time.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    @Override
    public String toString() {
        return instant.toString();
    }
}
