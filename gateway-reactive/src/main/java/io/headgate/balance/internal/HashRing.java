package io.headgate.balance.internal;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Points of endpoints around a circle (Karger et al. 1997). The circle is cut into as many arcs as there are some points, each a
 * small sorted array that is replaced when a point comes or goes: so a change costs the points of its endpoint and no more, and a
 * look-up costs the same however many there are. One writer; readers see each arc before or after a change.
 */
final class HashRing {

    private static final int POINTS_PER_ARC = 4;
    private static final int LEAST = 64;
    private static final long STEP =
            0x9e3779b97f4a7c15L; // the golden ratio, so that inputs of the mixing differ widely

    private volatile AtomicReferenceArray<@Nullable Arc> arcs = new AtomicReferenceArray<>(LEAST);
    private volatile int points;

    /** Points of a part of the circle, sorted as unsigned numbers. */
    private record Arc(long[] hashes, Node[] nodes) {

        int from(long hash) {
            int at = 0;
            while (at < hashes.length && Long.compareUnsigned(hashes[at], hash) < 0) {
                at++;
            }
            return at;
        }
    }

    /** What an endpoint must be to be taken. */
    interface Rule {
        boolean takes(Node node, long limit);
    }

    int points() {
        return points;
    }

    // ---- for the writer

    /** Makes the number of the points of a node what it should be. */
    void set(Node node, int wanted) {
        long base = Hashes.of(name(node));
        for (int i = node.points; i < wanted; i++) {
            insert(arcs, point(base, i), node);
        }
        for (int i = wanted; i < node.points; i++) {
            delete(point(base, i), node);
        }
        points += wanted - node.points;
        node.points = wanted;
        int count = arcs.length();
        if (points > count * POINTS_PER_ARC * 2L || points < count * POINTS_PER_ARC / 4 && count > LEAST) {
            resize(Math.max(LEAST, Integer.highestOneBit(Math.max(1, points / POINTS_PER_ARC))));
        }
    }

    /** What all gateways call the endpoint. */
    private static String name(Node node) {
        var address = node.endpoint().address();
        InetAddress resolved = address.getAddress();
        return (resolved == null ? address.getHostString() : resolved.getHostAddress()) + ':' + address.getPort();
    }

    private static long point(long base, int number) {
        return Hashes.mix(base + number * STEP);
    }

    private static int arcOf(long hash, int count) {
        return (int) (hash >>> 64 - Integer.numberOfTrailingZeros(count));
    }

    private static void insert(AtomicReferenceArray<@Nullable Arc> into, long hash, Node node) {
        int at = arcOf(hash, into.length());
        Arc old = into.get(at);
        if (old == null) {
            into.set(at, new Arc(new long[] {hash}, new Node[] {node}));
            return;
        }
        int place = old.from(hash);
        int length = old.hashes.length;
        long[] hashes = Arrays.copyOf(old.hashes, length + 1);
        Node[] nodes = Arrays.copyOf(old.nodes, length + 1);
        System.arraycopy(hashes, place, hashes, place + 1, length - place);
        System.arraycopy(nodes, place, nodes, place + 1, length - place);
        hashes[place] = hash;
        nodes[place] = node;
        into.set(at, new Arc(hashes, nodes));
    }

    private void delete(long hash, Node node) {
        int at = arcOf(hash, arcs.length());
        Arc old = arcs.get(at);
        if (old == null) {
            return;
        }
        int place = old.from(hash);
        while (place < old.nodes.length && old.nodes[place] != node) { // of equal hashes the one of this node
            place++;
        }
        int length = old.hashes.length - 1;
        if (place > length) {
            return;
        }
        if (length == 0) {
            arcs.set(at, null);
            return;
        }
        long[] hashes = Arrays.copyOf(old.hashes, length);
        Node[] nodes = Arrays.copyOf(old.nodes, length);
        System.arraycopy(old.hashes, place + 1, hashes, place, length - place);
        System.arraycopy(old.nodes, place + 1, nodes, place, length - place);
        arcs.set(at, new Arc(hashes, nodes));
    }

    private void resize(int count) {
        AtomicReferenceArray<@Nullable Arc> old = arcs;
        AtomicReferenceArray<@Nullable Arc> fresh = new AtomicReferenceArray<>(count);
        for (int i = 0; i < old.length(); i++) {
            Arc arc = old.get(i);
            for (int j = 0; arc != null && j < arc.hashes.length; j++) {
                insert(fresh, arc.hashes[j], arc.nodes[j]);
            }
        }
        arcs = fresh;
    }

    // ---- for readers

    /**
     * Walks from a place on to the first endpoint that a rule takes.
     *
     * @param most how many points to look at
     * @return null when there was none
     */
    @Nullable Node walk(long hash, Rule rule, long limit, int most) {
        AtomicReferenceArray<@Nullable Arc> now = arcs;
        int count = now.length();
        int start = arcOf(hash, count);
        Node refused = null;
        int seen = 0;
        for (int i = 0; i <= count && seen < most; i++) {
            Arc arc = now.get(start + i & count - 1);
            if (arc == null) {
                continue;
            }
            for (int j = i == 0 ? arc.from(hash) : 0; j < arc.nodes.length && seen < most; j++) {
                Node node = arc.nodes[j];
                if (node != refused) {
                    if (rule.takes(node, limit)) {
                        return node;
                    }
                    refused = node;
                }
                seen++;
            }
        }
        return null;
    }
}
