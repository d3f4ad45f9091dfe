package io.headgate.balance.internal;

import io.headgate.http.HttpExchange;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends equal keys to the same endpoint, as long as it is ready and has not much more than its share of the calls: consistent
 * hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2018).
 */
public final class Affinity implements HashRing.Rule {

    /** So many calls are never too many: with little traffic the bound would part calls of one key. */
    private static final int ALWAYS = 8;

    private static final int MOST_LOOKS = 512;
    private static final int MOST_POINTS = 1 << 16;
    private static final int FRACTION_BITS = 16;

    private final ToLongFunction<HttpExchange> key;
    private final int pointsEach;
    private final double bound;
    private final HashRing ring = new HashRing();

    /**
     * No endpoint yet.
     *
     * @param key makes a hash, or {@link Hashes#NONE}
     * @param pointsEach how many points an endpoint of normal weight has
     * @param bound how often its share of the calls an endpoint may have
     */
    public Affinity(ToLongFunction<HttpExchange> key, int pointsEach, double bound) {
        this.key = key;
        this.pointsEach = pointsEach;
        this.bound = bound;
    }

    /** An endpoint has come, or its weight has changed. */
    void place(Node node, int weight, int normal) {
        long points = weight == 0 ? 0 : Math.max(1, (long) pointsEach * weight / normal);
        ring.set(node, (int) Math.min(points, MOST_POINTS));
    }

    void remove(Node node) {
        ring.set(node, 0);
    }

    /** The endpoint of the key, or the next one round the ring; null when the exchange has no key or none was found soon. */
    @Nullable Node pick(HttpExchange exchange, long openCalls) {
        long hash = key.applyAsLong(exchange);
        int points = ring.points();
        if (hash == Hashes.NONE || points == 0) {
            return null;
        }
        // The calls that a point may have, in units small enough for whole numbers.
        double each = bound * (openCalls + 1) / points;
        return ring.walk(hash, this, (long) (each * (1 << FRACTION_BITS)), MOST_LOOKS);
    }

    @Override
    public boolean takes(Node node, long limit) {
        long most = (node.points * limit >> FRACTION_BITS) + 1; // rounded up
        return node.open() < Math.max(ALWAYS, most) && node.isReady();
    }
}
