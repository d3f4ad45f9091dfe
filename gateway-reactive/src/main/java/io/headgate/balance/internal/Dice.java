package io.headgate.balance.internal;

/** Makes choices of 64 random bits. */
final class Dice {

    private Dice() {}

    /** A number from 0 to below the bound, of the upper half of the bits. */
    static int upper(long random, int bound) {
        return (int) ((random >>> 32) * bound >>> 32);
    }

    /** The same of the lower half. */
    static int lower(long random, int bound) {
        return (int) ((random & 0xffff_ffffL) * bound >>> 32);
    }

    /** From 0 to below 1. */
    static double fraction(long random) {
        return (random >>> 11) * 0x1.0p-53;
    }
}
