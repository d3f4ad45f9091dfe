package io.headgate.sync.server;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * How many clients one of several servers should have, so that they share them evenly and still have room when one of them is
 * gone: a fifth more than the nodes' connections divided by the servers but one. A lone server takes what it can. Immutable.
 *
 * @param lower never less than this, at least 1
 * @param upper never more than this
 * @param syncers connections of each node: the topics that it follows
 */
public record ConnectionTarget(int lower, int upper, int syncers) {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionTarget.class);
    private static final int HEADROOM_PERCENT = 120;

    /** 400 to 10,000 connections of four topics, as today's Typha. */
    public static final ConnectionTarget DEFAULTS = new ConnectionTarget(400, 10_000, 4);

    /** How often somebody looks: every 30 seconds. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);

    /** Checks the ranges. */
    public ConnectionTarget {
        if (lower < 1 || upper < lower) {
            throw new IllegalArgumentException(
                    "lower: " + lower + ", upper: " + upper + " (expected: 1 <= lower <= upper)");
        }
        if (syncers < 1) {
            throw new IllegalArgumentException("syncers: " + syncers + " (expected: at least 1)");
        }
    }

    /**
     * What there is of servers and nodes.
     *
     * @param servers those that share the clients, this one included
     * @param nodes those that are to be served
     */
    public record Fleet(int servers, int nodes) {

        /** Checks the ranges. */
        public Fleet {
            if (servers < 0 || nodes < 0) {
                throw new IllegalArgumentException(
                        "servers: " + servers + ", nodes: " + nodes + " (expected: zero or more)");
            }
        }
    }

    /**
     * The target of one server.
     *
     * @param fleet what there is
     * @return between the bounds
     */
    public int of(Fleet fleet) {
        if (fleet.servers() <= 1) {
            return upper;
        }
        long each = 1 + (long) fleet.nodes() * HEADROOM_PERCENT / (fleet.servers() - 1) / 100;
        return (int) Math.min(upper, Math.max(lower, syncers * each));
    }

    /**
     * The target as the fleet changes: looks at once and then again and again. While it cannot be told, the upper bound.
     *
     * @param lookup tells what there is; subscribed for each look, one at a time
     * @param interval between two looks, to which up to a tenth is added at random
     * @param timer measures the intervals
     * @param random where the jitter comes from
     * @return a state stream that does not tell the same target twice in a row, for {@link SyncServerSpec#withLimits}.
     *     Cancelling it ends the looks
     */
    public Flux<Integer> over(Mono<Fleet> lookup, Duration interval, Scheduler timer, RandomGenerator random) {
        Mono<Integer> look = lookup.map(this::of).defaultIfEmpty(upper).onErrorResume(failure -> {
            LOG.warn("number of servers or nodes not known, up to {} clients are taken", upper, failure);
            return Mono.just(upper);
        });
        Publisher<Long> pause = Mono.defer(() -> Mono.delay(Jitter.upToTenthMore(interval, random), timer));
        return look.repeatWhen(looks -> looks.concatMap(done -> pause, 1))
                .distinctUntilChanged()
                .onBackpressureLatest();
    }
}
