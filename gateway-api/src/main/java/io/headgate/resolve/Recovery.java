package io.headgate.resolve;

import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * Makes a <i>state stream</i> that never ends out of attempts that do: when a stream is lost, it is opened again, with jittered
 * exponential backoff, while the last known state stays in force. An attempt that ends without an error is lost, too. The backoff starts
 * over once an attempt has told something.
 *
 * <p>What the first message of an attempt says is the whole state, whatever it is called: an {@link Upsert} becomes a
 * {@link Reset}, so that what vanished meanwhile leaves; a {@link Remove} is ignored.
 *
 * <p><b>Threading.</b> Immutable. Signals come on the thread of the attempt; attempts after the first are subscribed to on the scheduler.
 *
 * <p><b>Backpressure.</b> Demand reaches the attempt as it is; {@link Resolver#shared} conflates behind it.
 *
 * <p><b>Cancellation.</b> Cancels the attempt or the wait for the next one.
 *
 * <p><b>Errors.</b> Those that {@linkplain #withFinal are final}; all others are told to the observer only.
 */
public final class Recovery {

    /** Long enough not to be noticed by the other side, short enough not to be noticed by users. */
    public static final Duration FIRST_BACKOFF = Duration.ofMillis(100);

    /** What a source that comes back has to bear: all its clients within this time. */
    public static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

    /** Clients that lost the same source at once come back spread over this part of the wait, to both sides. */
    public static final double JITTER = 0.5;

    private final Duration first;
    private final Duration longest;
    private final double jitter;
    private final Predicate<? super Throwable> isFinal;
    private final Scheduler scheduler;
    private final SourceObserver observer;

    private Recovery(
            Duration first,
            Duration longest,
            double jitter,
            Predicate<? super Throwable> isFinal,
            Scheduler scheduler,
            SourceObserver observer) {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "backoff: " + first + " to " + longest + " (expected: above zero, not falling)");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0 to 1)");
        }
        this.first = first;
        this.longest = longest;
        this.jitter = jitter;
        this.isFinal = Objects.requireNonNull(isFinal, "isFinal");
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.observer = Objects.requireNonNull(observer, "observer");
    }

    /**
     * Recovery with the defaults: from {@link #FIRST_BACKOFF} to {@link #LONGEST_BACKOFF}, no error is final, timers on
     * {@link Schedulers#parallel}, nobody is told.
     *
     * @return the recovery
     */
    public static Recovery create() {
        return new Recovery(
                FIRST_BACKOFF, LONGEST_BACKOFF, JITTER, error -> false, Schedulers.parallel(), SourceObserver.NONE);
    }

    /**
     * A copy that waits otherwise. The wait doubles with each attempt that tells nothing.
     *
     * @param shortest before the first attempt after a loss; above zero
     * @param most the longest wait; not below the shortest
     * @return the copy
     */
    public Recovery withBackoff(Duration shortest, Duration most) {
        return new Recovery(shortest, most, jitter, isFinal, scheduler, observer);
    }

    /**
     * A copy with another jitter.
     *
     * @param part how far a wait may differ, as a part of it; 0 to 1, but never outside of shortest and longest
     * @return the copy
     */
    public Recovery withJitter(double part) {
        return new Recovery(first, longest, part, isFinal, scheduler, observer);
    }

    /**
     * A copy that passes some errors on, because asking again makes no sense: the source has refused the name.
     *
     * @param refused tells which
     * @return the copy
     */
    public Recovery withFinal(Predicate<? super Throwable> refused) {
        return new Recovery(first, longest, jitter, refused, scheduler, observer);
    }

    /**
     * A copy with timers elsewhere.
     *
     * @param timers runs the waits
     * @return the copy
     */
    public Recovery withScheduler(Scheduler timers) {
        return new Recovery(first, longest, jitter, isFinal, timers, observer);
    }

    /**
     * A copy that tells whether a source is there. Where several subscribe to a name, put {@link Resolver#shared} between them
     * and the recovery, or each subscription tells for itself.
     *
     * @param told is told
     * @return the copy
     */
    public Recovery withObserver(SourceObserver told) {
        return new Recovery(first, longest, jitter, isFinal, scheduler, told);
    }

    /**
     * A resolver whose streams are lost, made one whose streams are not.
     *
     * @param attempts opens one stream, which may end or fail, and may begin with an upsert
     * @return the resolver
     */
    public Resolver around(Resolver attempts) {
        return name -> updates(name, attempts.resolve(name));
    }

    /**
     * Updates without end.
     *
     * @param name what the observer is told about
     * @param attempt one stream, which may end or fail; subscribed to again and again
     * @param <T> the members
     * @return a state stream of updates
     */
    public <T> Flux<Update<T>> updates(String name, Publisher<Update<T>> attempt) {
        return states(name, Flux.defer(() -> Flux.from(attempt).handle(new WholeFirst<>())));
    }

    /**
     * States without end, each of which is whole: for profiles and the like.
     *
     * @param name what the observer is told about
     * @param attempt one stream, which may end or fail; subscribed to again and again
     * @param <S> the states
     * @return a state stream
     */
    public <S> Flux<S> states(String name, Publisher<S> attempt) {
        Retry retry = Retry.backoff(Long.MAX_VALUE, first)
                .maxBackoff(longest)
                .jitter(jitter)
                .transientErrors(true)
                .scheduler(scheduler)
                .filter(error -> !isFinal.test(error))
                .doBeforeRetry(lost -> observer.away(name, lost.failure()));
        return Flux.concat(attempt, Flux.error(() -> new LostStreamException(name)))
                .doOnNext(told -> observer.current(name))
                .retryWhen(retry)
                .doFinally(end -> observer.left(name));
    }

    /** Makes the first message of an attempt the whole state. */
    private static final class WholeFirst<T> implements BiConsumer<Update<T>, SynchronousSink<Update<T>>> {

        private boolean begun;

        @Override
        public void accept(Update<T> update, SynchronousSink<Update<T>> sink) {
            if (begun) {
                sink.next(update);
            } else if (!(update instanceof Remove<T>)) {
                begun = true;
                sink.next(update instanceof Upsert<T> upsert ? new Reset<>(upsert.members()) : update);
            }
        }
    }
}
