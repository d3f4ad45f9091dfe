package io.headgate.ratelimit;

import io.headgate.http.HttpExchange;
import io.headgate.limit.internal.KeyTable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One limit that is kept in this process. Any thread may take; nobody waits for another. */
final class LocalRule {

    private final RateLimit limit;
    private final RateKey key;
    private final long interval;
    private final KeyTable<Bucket> buckets;

    LocalRule(RateRule rule, int keys, LongSupplier clock) {
        limit = rule.limit();
        key = rule.key();
        interval = limit.intervalNanos();
        buckets = new KeyTable<>(keys, Bucket::new, clock.getAsLong());
    }

    RateLimit limit() {
        return limit;
    }

    @Nullable Object keyOf(HttpExchange exchange) {
        return key.of(exchange);
    }

    /** The bucket of a key, which may be retired by the time that it is used. */
    Bucket bucket(Object name, long now) {
        return buckets.get(name, now);
    }

    void forget(Object name, Bucket bucket) {
        buckets.forget(name, bucket);
    }

    long take(Bucket bucket, long cost, long now) {
        return bucket.take(cost, interval, limit.burst(), now);
    }

    void giveBack(Bucket bucket, long cost) {
        bucket.giveBack(cost, interval);
    }

    int keys() {
        return buckets.size();
    }

    long strangers() {
        return buckets.shared();
    }
}
