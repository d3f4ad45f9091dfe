package io.headgate.function.async;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Refuses calls of functions that have too many open ones. A function's number is asked of the store once a second at most, and what
 * is accepted here is added meanwhile: the bound may be passed by what other processes accept in a second.
 *
 * <p><b>Threading.</b> Any thread may call.
 */
final class Backlogs {

    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final int MOST_REMEMBERED = 10_000;

    private final AsyncSetup setup;
    private final int most;
    private final ConcurrentMap<String, Known> functions = new ConcurrentHashMap<>();

    private static final class Known {

        final AtomicLong calls;
        final long until;
        final AtomicBoolean asked = new AtomicBoolean();

        Known(long calls, long until) {
            this.calls = new AtomicLong(calls);
            this.until = until;
        }
    }

    Backlogs(AsyncSetup setup) {
        this.setup = setup;
        this.most = setup.settings().maxOpen();
    }

    /** Completes when the function may have one more; fails with {@link ErrorKind#TOO_MANY_CALLS}, or as the store. */
    Mono<Void> admit(String fnId) {
        return Mono.defer(() -> {
            Known known = functions.get(fnId);
            if (known != null && (now() - known.until < 0 || !known.asked.compareAndSet(false, true))) {
                return count(fnId, known);
            }
            return setup.access()
                    .once("open", () -> setup.store().open(fnId, most))
                    .flatMap(calls -> count(fnId, remember(fnId, calls)))
                    .doFinally(end -> askAgain(known));
        });
    }

    private static void askAgain(@Nullable Known known) {
        if (known != null) {
            known.asked.set(false);
        }
    }

    private Known remember(String fnId, long calls) {
        if (functions.size() >= MOST_REMEMBERED) {
            functions.clear();
        }
        Known known = new Known(calls, now() + FRESH.toNanos());
        functions.put(fnId, known);
        return known;
    }

    private Mono<Void> count(String fnId, Known known) {
        return known.calls.getAndIncrement() < most
                ? Mono.empty()
                : Mono.error(new FunctionException(
                        ErrorKind.TOO_MANY_CALLS,
                        "call: not accepted, function " + fnId + " has " + most
                                + " asynchronous calls that have not ended (expected: fewer)",
                        null,
                        RETRY_AFTER));
    }

    private long now() {
        return setup.timer().now(TimeUnit.NANOSECONDS);
    }
}
