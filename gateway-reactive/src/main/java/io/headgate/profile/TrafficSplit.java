package io.headgate.profile;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;

/**
 * Sends each call to one of several targets: by chance and weight, or to the first one that is ready. A target is ready while the
 * {@link Service#status() status} of its service is OPEN; one that is not gets nothing, and the others share its part. The service
 * below the stage is called as long as the list of targets is empty.
 *
 * <pre>{@code
 * Stage<HttpExchange, HttpReply> canary = TrafficSplit.weighted(
 *         balancers, new WeightedTarget("orders-v1:8080", 95), new WeightedTarget("orders-v2:8080", 5));
 * Stage<HttpExchange, HttpReply> failover = TrafficSplit.failover(balancers, "orders.eu:8080", "orders.us:8080");
 * }</pre>
 *
 * <p>The list may be a state stream. It is followed from {@link #wrap} to the close of the wrapped service, whether or not there are
 * calls, and its latest list counts; when the stream ends, the last list stays. A target that stays keeps its service; that of one
 * that goes is closed with the {@linkplain #withGrace grace}.
 *
 * <p><b>Cost.</b> A pick takes a binary search and allocates nothing but its call; without targets a call costs one read.
 *
 * <p><b>Threading.</b> Immutable. Calls go on where they are made.
 *
 * <p><b>Errors.</b> {@link NoTargetException}, 503, when no target is ready: nothing was sent, and the call may be made again.
 *
 * @param <I> the input
 * @param <O> the output
 */
public final class TrafficSplit<I, O> implements Stage<I, O> {

    /** How long calls in flight at a target that has left may take, unless chosen otherwise. */
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    static final LongUnaryOperator DICE = bound -> ThreadLocalRandom.current().nextLong(bound);

    private final ServiceFactory<String, I, O> factory;
    private final TargetSet.Mode mode;
    private final List<WeightedTarget> fixed;
    private final Flux<List<WeightedTarget>> lists;
    private final Duration grace;
    private final LongUnaryOperator dice;

    private TrafficSplit(
            ServiceFactory<String, I, O> factory,
            TargetSet.Mode mode,
            List<WeightedTarget> fixed,
            Flux<List<WeightedTarget>> lists,
            Duration grace,
            LongUnaryOperator dice) {
        this.factory = Objects.requireNonNull(factory, "factory");
        this.mode = mode;
        this.fixed = List.copyOf(fixed);
        this.lists = Objects.requireNonNull(lists, "lists");
        this.grace = grace;
        this.dice = dice;
    }

    /**
     * Picks by chance.
     *
     * @param factory makes the service of a target; each one made is closed once
     * @param targets by weight
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    public static <I, O> TrafficSplit<I, O> weighted(ServiceFactory<String, I, O> factory, WeightedTarget... targets) {
        return new TrafficSplit<>(
                factory, TargetSet.Mode.WEIGHTED, List.of(targets), Flux.never(), DEFAULT_GRACE, DICE);
    }

    /**
     * Picks by chance from the latest list.
     *
     * @param factory makes the service of a target; each one made is closed once
     * @param lists a state stream of targets, by weight; until the first list there are none
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    public static <I, O> TrafficSplit<I, O> weighted(
            ServiceFactory<String, I, O> factory, Flux<List<WeightedTarget>> lists) {
        return new TrafficSplit<>(factory, TargetSet.Mode.WEIGHTED, List.of(), lists, DEFAULT_GRACE, DICE);
    }

    /**
     * Picks the first that is ready.
     *
     * @param factory makes the service of a target; each one made is closed once
     * @param authorities in order of preference
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    public static <I, O> TrafficSplit<I, O> failover(ServiceFactory<String, I, O> factory, String... authorities) {
        return new TrafficSplit<>(
                factory, TargetSet.Mode.FIRST_READY, ranked(List.of(authorities)), Flux.never(), DEFAULT_GRACE, DICE);
    }

    /**
     * Picks the first that is ready of the latest list.
     *
     * @param factory makes the service of a target; each one made is closed once
     * @param lists a state stream of authorities in order of preference; until the first list there are none
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    public static <I, O> TrafficSplit<I, O> failover(ServiceFactory<String, I, O> factory, Flux<List<String>> lists) {
        return new TrafficSplit<>(
                factory, TargetSet.Mode.FIRST_READY, List.of(), lists.map(TrafficSplit::ranked), DEFAULT_GRACE, DICE);
    }

    private static List<WeightedTarget> ranked(List<String> authorities) {
        return authorities.stream()
                .map(authority -> new WeightedTarget(authority, 1))
                .toList();
    }

    /**
     * A copy with another grace.
     *
     * @param changed how long calls in flight at a target that has left may take; zero cuts them
     * @return the copy
     */
    public TrafficSplit<I, O> withGrace(Duration changed) {
        if (changed.isNegative()) {
            throw new IllegalArgumentException("grace: " + changed + " (expected: 0 or more)");
        }
        return new TrafficSplit<>(factory, mode, fixed, lists, changed, dice);
    }

    /**
     * A copy with other chances, for tests that want the same ones each time.
     *
     * @param changed returns a number from zero to below its argument; any thread may ask
     * @return the copy
     */
    public TrafficSplit<I, O> withDice(LongUnaryOperator changed) {
        return new TrafficSplit<>(factory, mode, fixed, lists, grace, Objects.requireNonNull(changed, "dice"));
    }

    @Override
    public Service<I, O> wrap(Service<I, O> next) {
        TargetSet<I, O> targets = new TargetSet<>(key -> factory.create((String) key), dice, grace);
        targets.update(mode, shares(fixed));
        return new SplitService<>(
                next, targets, lists, list -> targets.update(mode, shares(list)), mode == TargetSet.Mode.WEIGHTED);
    }

    static List<TargetSet.Share> shares(List<WeightedTarget> targets) {
        return Stream.of(targets)
                .flatMap(List::stream)
                .map(target -> new TargetSet.Share(target.authority(), target.weight()))
                .toList();
    }
}
