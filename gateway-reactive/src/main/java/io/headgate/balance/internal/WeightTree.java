package io.headgate.balance.internal;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Weights by index, with their sums in a binary indexed tree (Fenwick 1994): a change and a draw cost the logarithm of the
 * number of weights. One writer; a reader that comes in between may draw a neighbour of what it should have drawn.
 */
final class WeightTree {

    private volatile AtomicLongArray sums = new AtomicLongArray(16 + 1); // from 1; the last one is the sum of all
    private int[] weights = new int[16]; // for the writer

    void set(int index, int weight) {
        if (index >= weights.length) {
            if (weight == 0) {
                return;
            }
            grow(Integer.highestOneBit(index) * 2);
        }
        long delta = (long) weight - weights[index];
        if (delta == 0) {
            return;
        }
        weights[index] = weight;
        AtomicLongArray now = sums;
        for (int i = index + 1; i < now.length(); i += i & -i) {
            now.setOpaque(i, now.getPlain(i) + delta);
        }
    }

    private void grow(int capacity) {
        AtomicLongArray before = sums;
        AtomicLongArray grown = new AtomicLongArray(capacity + 1);
        int old = before.length() - 1;
        for (int i = 1; i <= old; i++) {
            grown.setPlain(i, before.getPlain(i));
        }
        for (int i = old * 2; i <= capacity; i *= 2) { // these sum up all before them
            grown.setPlain(i, before.getPlain(old));
        }
        weights = java.util.Arrays.copyOf(weights, capacity);
        sums = grown;
    }

    /** An index by chance, each as likely as its weight says. */
    int find(long random) {
        AtomicLongArray now = sums;
        int capacity = now.length() - 1;
        long total = now.getOpaque(capacity);
        long rest = total <= 0 ? 0 : (random >>> 1) % total;
        int at = 0;
        for (int step = capacity / 2; step > 0; step /= 2) {
            long sum = now.getOpaque(at + step);
            if (sum <= rest) {
                rest -= sum;
                at += step;
            }
        }
        return at;
    }
}
