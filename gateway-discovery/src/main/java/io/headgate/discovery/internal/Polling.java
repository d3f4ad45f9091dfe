package io.headgate.discovery.internal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Asks again and again. */
public final class Polling {

    private Polling() {}

    /**
     * Asks, waits for as long as the answer says, and asks again.
     *
     * @param ask subscribed to each time; fails never and is never empty
     * @param wait how long to wait after an answer
     * @param timer runs the waits
     * @return all answers
     */
    public static <A> Flux<A> endless(Mono<A> ask, Function<A, Duration> wait, Scheduler timer) {
        return Flux.defer(() -> {
            AtomicLong next = new AtomicLong();
            return ask.doOnNext(answer -> next.set(wait.apply(answer).toNanos()))
                    .repeatWhen(asked -> asked.concatMap(once -> Mono.delay(Duration.ofNanos(next.get()), timer)));
        });
    }

    /** A duration that differs from the given one by up to a part of it, to both sides. */
    public static Duration jittered(Duration duration, double part) {
        double factor = 1 + part * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        return Duration.ofNanos(Math.round(duration.toNanos() * factor));
    }
}
