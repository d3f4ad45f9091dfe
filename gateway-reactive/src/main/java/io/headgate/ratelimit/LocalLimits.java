package io.headgate.ratelimit;

import io.headgate.http.HttpExchange;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The engine: several limits, of which all admit or none is charged. */
final class LocalLimits {

    private final LocalRule[] rules;
    private final LongSupplier clock;

    LocalLimits(List<RateRule> rules, int keys, LongSupplier clock) {
        this.rules =
                rules.stream().map(rule -> new LocalRule(rule, keys, clock)).toArray(LocalRule[]::new);
        this.clock = clock;
    }

    /** Takes from all limits, or says why none has been charged. */
    @Nullable RateLimitedException take(HttpExchange exchange, long cost) {
        return cost <= 0 ? null : take(0, exchange, cost, clock.getAsLong());
    }

    /** A limit is charged before the next ones are asked, and paid back when one of those refuses. */
    private @Nullable RateLimitedException take(int at, HttpExchange exchange, long cost, long now) {
        if (at == rules.length) {
            return null;
        }
        LocalRule rule = rules[at];
        Object key = rule.keyOf(exchange);
        if (key == null) {
            return take(at + 1, exchange, cost, now);
        }
        Bucket bucket = rule.bucket(key, now);
        long wait = rule.take(bucket, cost, now);
        while (wait == Bucket.RETIRED) {
            rule.forget(key, bucket);
            bucket = rule.bucket(key, now);
            wait = rule.take(bucket, cost, now);
        }
        if (wait != Bucket.ADMITTED) {
            return new RateLimitedException(rule.limit(), Duration.ofNanos(wait));
        }
        RateLimitedException refusal = take(at + 1, exchange, cost, now);
        if (refusal != null) {
            rule.giveBack(bucket, cost);
        }
        return refusal;
    }

    long keys() {
        long sum = 0;
        for (LocalRule rule : rules) {
            sum += rule.keys();
        }
        return sum;
    }

    long strangers() {
        long sum = 0;
        for (LocalRule rule : rules) {
            sum += rule.strangers();
        }
        return sum;
    }
}
