package io.headgate.balance.internal;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that are equally welcome, side by side in an array: one comes at the end, one that goes leaves its place to the last
 * one. One writer; readers on any thread may meet an empty place or one node twice while something changes, and look again.
 */
public final class Tier {

    private static final int LEAST = 16;
    private static final int SAMPLE = 64;
    private static final long SAMPLE_NANOS = 100_000_000;

    private final @Nullable WeightTree weights;
    private volatile AtomicReferenceArray<@Nullable Node> slots = new AtomicReferenceArray<>(LEAST);
    private volatile int size;

    // A race makes two looks instead of one.
    private volatile double readyShare = 1;
    private volatile long looked;
    private volatile boolean lookedOnce;

    Tier(boolean weighted) {
        weights = weighted ? new WeightTree() : null;
    }

    int size() {
        return size;
    }

    @Nullable Node get(int at) {
        AtomicReferenceArray<@Nullable Node> now = slots;
        return at < now.length() ? now.get(at) : null;
    }

    /** An index by weight; only of a tier that knows weights. */
    int byWeight(long random) {
        return weights == null ? 0 : weights.find(random);
    }

    // ---- for the writer

    void add(Node node) {
        int at = size;
        if (at == slots.length()) {
            resize(at * 2);
        }
        node.tier = this;
        node.index = at;
        slots.set(at, node);
        weigh(node, node.endpoint().weight());
        size = at + 1;
        lookedOnce = false;
    }

    void remove(Node node) {
        int last = size - 1;
        Node moved = slots.get(last);
        if (moved == null) {
            throw new IllegalStateException("tier: no node at " + last);
        }
        weigh(node, 0);
        if (moved != node) {
            weigh(moved, 0);
            moved.index = node.index;
            slots.set(moved.index, moved);
            weigh(moved, moved.endpoint().weight());
        }
        size = last;
        slots.set(last, null);
        node.tier = null;
        lookedOnce = false;
        if (last < slots.length() / 4 && slots.length() > LEAST) {
            resize(slots.length() / 2);
        }
    }

    /** The weight of a node has changed. */
    void reweighted(Node node) {
        weigh(node, node.endpoint().weight());
    }

    private void weigh(Node node, int weight) {
        if (weights != null) {
            weights.set(node.index, weight);
        }
    }

    private void resize(int length) {
        AtomicReferenceArray<@Nullable Node> grown = new AtomicReferenceArray<>(length);
        for (int i = 0; i < size; i++) {
            grown.setPlain(i, slots.get(i));
        }
        slots = grown;
    }

    // ---- for readers

    /** Looks at one after the other from a random place on: as dear as there are endpoints, when none is ready. */
    @Nullable Node scan(long random) {
        int count = size;
        int from = count == 0 ? 0 : Dice.upper(random, count);
        for (int i = 0; i < count; i++) {
            int at = from + i;
            Node node = get(at < count ? at : at - count);
            if (node != null && node.isReady()) {
                return node;
            }
        }
        return null;
    }

    /** The share of the endpoints that are ready, of a sample that is looked at ten times a second at most; 0 when there are none. */
    double readyShare(long now, long random) {
        if (!lookedOnce || now - looked > SAMPLE_NANOS) {
            looked = now;
            readyShare = sample(random);
            lookedOnce = true;
        }
        return readyShare;
    }

    private double sample(long random) {
        int count = size;
        if (count == 0) {
            return 0;
        }
        int sampled = Math.min(count, SAMPLE);
        int from = Dice.upper(random, count);
        long stride = Math.max(1, count / sampled);
        int ready = 0;
        for (int i = 0; i < sampled; i++) {
            Node node = get((int) ((from + i * stride) % count));
            ready += node != null && node.isReady() ? 1 : 0;
        }
        return (double) ready / sampled;
    }

    /** Each once. From the end, because who goes leaves its place to the last one: that has been met by then. */
    public Collection<Node> all() {
        Set<Node> all = new LinkedHashSet<>(); // nodes are equal only to themselves
        for (int i = size - 1; i >= 0; i--) {
            Node node = get(i);
            if (node != null) {
                all.add(node);
            }
        }
        return all;
    }

    int countReady() {
        int ready = 0;
        for (int i = 0; i < size; i++) {
            Node node = get(i);
            ready += node != null && node.isReady() ? 1 : 0;
        }
        return ready;
    }
}
