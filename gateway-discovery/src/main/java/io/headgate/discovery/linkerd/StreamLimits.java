package io.headgate.discovery.linkerd;

import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Keeps a stream within its limits of time. */
final class StreamLimits {

    /** A stream has reached its limits and is to be opened again. Says nothing about the control plane. */
    static final class ReopenException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        ReopenException() {
            super("stream: at its limit (expected: opened again)", null, false, false);
        }
    }

    private final ReceiveLimits limits;
    private final Scheduler timer;

    StreamLimits(ReceiveLimits limits, Scheduler timer) {
        this.limits = limits;
        this.timer = timer;
    }

    <T> Flux<T> on(Flux<T> stream) {
        if (limits.equals(ReceiveLimits.NONE)) {
            return stream;
        }
        return Flux.defer(() -> {
            AtomicBoolean told = new AtomicBoolean();
            AtomicBoolean old = new AtomicBoolean();
            Flux<T> expired = Flux.error(() -> told.get() ? new ReopenException() : silent());
            return stream.doOnNext(message -> told.setPlain(true))
                    .timeout(after(limits.first()), message -> after(limits.idle()), expired)
                    .takeUntilOther(
                            after(limits.lifetime()).doOnNext(time -> old.set(true))) // an error there would not cancel
                    .concatWith(Mono.defer(() -> old.get() ? Mono.error(new ReopenException()) : Mono.empty()));
        });
    }

    private Throwable silent() {
        return Status.DEADLINE_EXCEEDED
                .withDescription("first message: none (expected: within " + limits.first() + ")")
                .asRuntimeException();
    }

    private Mono<Long> after(@Nullable Duration limit) {
        return limit == null ? Mono.never() : Mono.delay(limit, timer);
    }
}
