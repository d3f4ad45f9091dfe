package io.headgate.balance;

import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link Balancer} chooses among endpoints that are ready. Immutable. {@link #peakEwma()} is right unless something speaks
 * for another one.
 */
public sealed interface Strategy {

    /**
     * Of two endpoints drawn by chance the one with the lower cost: its time to the first byte, which follows a rise at once and a
     * fall slowly, multiplied by the calls that wait there and the new one, divided by its weight. What is not used is forgotten: the
     * time of an endpoint falls while nothing is sent to it, so that it gets another chance.
     *
     * @param initial the time that is assumed of a new endpoint
     * @param decay after so long an old time counts for 37 % still
     * @param floor times below it count as this one, so that waiting calls tell fast endpoints apart
     * @param penalty the time that a failure counts as, so that who fails fast does not look fast; a Retry-After, or
     *     grpc-retry-pushback-ms, counts when it is longer, up to 300 s
     */
    record PeakEwma(Duration initial, Duration decay, Duration floor, Duration penalty) implements Strategy {

        /** 30 ms to begin with, decay 10 s, floor 1 ms, penalty 5 s. */
        public static final PeakEwma DEFAULTS = new PeakEwma(
                Duration.ofMillis(30), Duration.ofSeconds(10), Duration.ofMillis(1), Duration.ofSeconds(5));

        /** Checks the times. */
        public PeakEwma {
            Spans.check("initial", initial, Duration.ZERO, Duration.ofMinutes(5));
            Spans.check("decay", decay, Duration.ofMillis(1), Duration.ofHours(1));
            Spans.check("floor", floor, Duration.ZERO, Duration.ofMinutes(1));
            Spans.check("penalty", penalty, Duration.ZERO, Duration.ofMinutes(5));
        }
    }

    /** Of two endpoints drawn by chance the one with fewer calls that have not ended, in proportion to its weight. */
    record LeastPending() implements Strategy {}

    /** One after the other. Weights do not count, but for zero: that stays the last resort. */
    record RoundRobin() implements Strategy {}

    /** By chance, each as often as its weight says, whatever its load. */
    record Weighted() implements Strategy {}

    /**
     * Equal keys to the same endpoint, while the others come and go: consistent hashing, where no endpoint gets much more than its
     * share of the calls that are under way. Exchanges without a key, and those whose endpoint is not ready and its next ones on the
     * ring neither, are spread by another strategy. Gateways side by side agree on the endpoint of a key.
     *
     * @param key what the exchanges have in common
     * @param points how many points an endpoint of normal weight has on the ring: more are fairer, and cost about 20 bytes each
     * @param bound how often its share an endpoint may have, above 1; who has fewer than 8 calls is never too busy
     * @param otherwise the strategy for the others; not a ring hash itself
     */
    record RingHash(AffinityKey key, int points, double bound, Strategy otherwise) implements Strategy {

        /** Checks the parts. */
        public RingHash {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(otherwise, "otherwise");
            if (points < 1 || points > 10_000) {
                throw new IllegalArgumentException("points: " + points + " (expected: 1..10000)");
            }
            if (!(bound > 1 && bound <= 1000)) {
                throw new IllegalArgumentException("bound: " + bound + " (expected: above 1, up to 1000)");
            }
            if (otherwise instanceof RingHash) {
                throw new IllegalArgumentException("otherwise: " + otherwise + " (expected: a strategy without a key)");
            }
        }
    }

    /**
     * Peak EWMA with its {@linkplain PeakEwma#DEFAULTS defaults}.
     *
     * @return the strategy
     */
    static Strategy peakEwma() {
        return PeakEwma.DEFAULTS;
    }

    /**
     * Fewest calls under way, of two.
     *
     * @return the strategy
     */
    static Strategy leastPending() {
        return new LeastPending();
    }

    /**
     * One after the other.
     *
     * @return the strategy
     */
    static Strategy roundRobin() {
        return new RoundRobin();
    }

    /**
     * By weight.
     *
     * @return the strategy
     */
    static Strategy weighted() {
        return new Weighted();
    }

    /**
     * By a key: 100 points for each endpoint, 1.25 times its share, peak EWMA where there is no key.
     *
     * @param key what the exchanges have in common
     * @return the strategy
     */
    static Strategy ringHash(AffinityKey key) {
        return new RingHash(key, 100, 1.25, PeakEwma.DEFAULTS);
    }
}
