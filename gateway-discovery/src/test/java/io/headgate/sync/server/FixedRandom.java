package io.headgate.sync.server;

import java.util.random.RandomGenerator;

/** Chance that always falls alike. */
record FixedRandom(double share) implements RandomGenerator {

    @Override
    public long nextLong() {
        return (long) (share * Long.MAX_VALUE) << 1;
    }

    @Override
    public double nextDouble() {
        return share;
    }

    @Override
    public int nextInt(int bound) {
        return (int) (share * bound);
    }
}
