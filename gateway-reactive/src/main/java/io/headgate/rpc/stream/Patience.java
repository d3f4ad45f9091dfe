package io.headgate.rpc.stream;

import io.headgate.Deadline;
import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Decides for one stream whether it goes on after a loss, and when. */
final class Patience {

    private final Resume settings;
    private final String endpoint;
    private final Deadline deadline;
    private final LongSupplier position;
    private long best;
    private int futile;

    /** {@code position}: how many bytes are known to be across. */
    Patience(Resume settings, String endpoint, Deadline deadline, LongSupplier position) {
        this.settings = settings;
        this.endpoint = endpoint;
        this.deadline = deadline;
        this.position = position;
        this.best = position.getAsLong();
    }

    /** Whether a failure says that a connection is gone or was not to be had, and nothing about the call itself. */
    static boolean isLoss(Throwable error) {
        if (error instanceof RpcException rpc) {
            RpcStatus status = rpc.rpcStatus();
            return status == RpcStatus.UNAVAILABLE || status != RpcStatus.UNIMPLEMENTED && rpc.is(Trait.RETRYABLE);
        }
        return error instanceof GatewayException known && known.is(Trait.RETRYABLE) || error instanceof IOException;
    }

    /** For {@code retryWhen}. */
    Retry retry() {
        return Retry.from(losses -> losses.concatMap(signal -> after(signal.failure()), 1));
    }

    private Mono<Long> after(Throwable loss) {
        if (!isLoss(loss)) {
            return Mono.error(loss);
        }
        long now = position.getAsLong();
        futile = now > best ? 1 : futile + 1;
        best = Math.max(best, now);
        if (futile > settings.attempts()) {
            return Mono.error(RpcException.of(
                    RpcStatus.UNAVAILABLE,
                    endpoint + ": lost at byte " + now + " and " + futile + " times since (expected: no more than "
                            + settings.attempts() + " losses without a byte in between): " + loss.getMessage(),
                    loss));
        }
        long wait = settings.waitNanos(futile);
        if (wait >= deadline.remainingNanos()) {
            return Mono.error(RpcException.of(
                    RpcStatus.DEADLINE_EXCEEDED,
                    endpoint + ": lost at byte " + now + ", and the deadline comes before the next attempt",
                    loss));
        }
        settings.listener().onLoss(endpoint, now, futile, loss);
        return wait == 0 ? Mono.just(0L) : Mono.delay(Duration.ofNanos(wait), settings.timer());
    }
}
