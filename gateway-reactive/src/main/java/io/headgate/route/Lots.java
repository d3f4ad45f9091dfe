package io.headgate.route;

/** Makes lots of numbers. */
final class Lots {

    private Lots() {}

    /** Spreads numbers evenly over 0 to 1: the finaliser of SplitMix64. */
    static double unit(long number) {
        long z = number + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return ((z ^ z >>> 31) >>> 11) * 0x1.0p-53;
    }
}
