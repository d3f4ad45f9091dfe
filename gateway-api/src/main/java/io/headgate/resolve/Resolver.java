package io.headgate.resolve;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * Finds the endpoints of a name, and goes on telling what becomes of them.
 *
 * <p>The stream is a <i>state stream</i>: it never completes, and starts with the whole state after each subscribe, as a
 * {@link Update.Reset} or {@link Update.Absent}. A source that cannot be reached is tried again inside, with backoff, while the last
 * known set stays in force; a {@link SourceObserver} is told how old it is. A stream fails only when its source has refused
 * the name for good.
 *
 * <p><b>Backpressure.</b> A slow subscriber is not sent each step: updates that wait are put together, so that what waits is
 * never larger than the set.
 *
 * <p><b>Cancellation.</b> The only way to end a stream; nothing outlives its last subscriber.
 */
@FunctionalInterface
public interface Resolver extends Function<String, Flux<Update<Endpoint>>> {

    /**
     * Resolves a name. Nothing happens before the stream is subscribed.
     *
     * @param name what to find, for example {@code orders.example:8080}; each source says what its names look like
     * @return a state stream of updates
     */
    Flux<Update<Endpoint>> resolve(String name);

    /** Same as {@link #resolve}. */
    @Override
    default Flux<Update<Endpoint>> apply(String name) {
        return resolve(name);
    }

    /**
     * A source that says the same of every name, for ever.
     *
     * @param endpoints all endpoints, each at an address of its own
     * @return the resolver
     */
    static Resolver fixed(Endpoint... endpoints) {
        Flux<Update<Endpoint>> always = Fixed.always(List.of(endpoints));
        return name -> always;
    }

    /**
     * A source that knows some names, and says the same of each of them for ever. Other names are absent.
     *
     * @param endpoints all endpoints of each name
     * @return the resolver
     */
    static Resolver fixed(Map<String, List<Endpoint>> endpoints) {
        return Fixed.of(endpoints);
    }

    /**
     * The union of what several sources say. Of an endpoint that several have, the one that is named first here says what it is
     * like; it leaves when the last of them drops it.
     *
     * <p>The first state is told as soon as one source has a set, with what that one has; the others add theirs when they come.
     * Absent is told when all sources have said so. While a source is away its last known part stays; one that has refused the name is
     * taken for absent, and the stream fails when all have.
     *
     * @param sources at least one
     * @return the resolver
     */
    static Resolver merge(Resolver... sources) {
        List<Resolver> all = List.of(sources);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("sources: none (expected: at least one)");
        }
        return name -> Union.of(all, name);
    }

    /**
     * Changes each endpoint: its protocol, its TLS identity, its weight ...
     *
     * @param change makes the endpoint to be told. Is called for those that leave, too, of which only the address is known for
     *     certain: so if it changes addresses, the new one must depend on nothing but the old one, and must keep them apart
     * @return the resolver
     */
    default Resolver map(UnaryOperator<Endpoint> change) {
        return name -> resolve(name).map(update -> update.map(change));
    }

    /**
     * This source, and another one for as long as this one says that it does not know the name. The other one is asked when this one
     * says {@link Update.Absent}, or has refused the name, and left as soon as this one knows the name.
     *
     * <p>Absent is told when both have said so, not before: until the other one has spoken, what was told last stays in force. A
     * source that is away has not said that it does not know the name, so the other one is not asked.
     *
     * @param other is asked about what is absent here
     * @return the resolver; its streams fail when both have refused the name
     */
    default Resolver orElse(Resolver other) {
        return name -> Fallback.of(this, other, name);
    }

    /**
     * One subscription to this source for all who want to know about a name, which ends with the last of them.
     *
     * @return the resolver
     * @see #shared(Duration, Scheduler)
     */
    default Resolver shared() {
        return new SharedResolver(this, Duration.ZERO, null);
    }

    /**
     * One subscription to this source for all who want to know about a name.
     *
     * <p>New subscribers are told the state first. From then on each is told what really changes, once: equal metadata is no change, and
     * of a {@link Update.Reset} only the difference is told unless the whole is shorter. An update costs what it changes, whatever
     * the size of the set. What a slow subscriber has no demand for is put together, endpoint by endpoint; one that came and
     * left meanwhile is not mentioned.
     *
     * <p><b>Threading.</b> Subscribers are told one after another, on the thread of the source or of whoever asks for more or
     * subscribes; they should hand over what takes time.
     *
     * <p><b>Errors.</b> When the source has refused the name, all are told; the next subscriber has it asked again.
     *
     * @param linger how long the subscription is kept after the last subscriber, in case there is another one soon
     * @param timer runs that wait
     * @return the resolver
     */
    default Resolver shared(Duration linger, Scheduler timer) {
        return new SharedResolver(this, linger, timer);
    }
}
