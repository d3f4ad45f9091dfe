package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationReply;
import io.headgate.function.invoke.InvocationWatch;
import io.headgate.function.invoke.Invoker;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.function.r2dbc.Database;
import io.headgate.function.r2dbc.DatabaseSettings;
import io.headgate.function.r2dbc.R2dbcCallStore;
import io.headgate.function.store.Target;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.retry.Backoff;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The same on many threads at once, and on the time of the machine. */
class AsyncThreadsTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Fn FN = new Fn(
            "fn", "app1", "fn", "image", 128, 30, 30, Map.of(), AsyncRig.APP.annotations(), AsyncRig.T0, AsyncRig.T0);

    private CallStore store = new MemoryCallStore();
    private final Set<String> active = ConcurrentHashMap.newKeySet();
    private final Set<String> overlaps = ConcurrentHashMap.newKeySet();

    @Test
    void noCallIsForgottenBetweenThreads() {
        allCallsEnd(1000);
    }

    @Test
    void noCallIsForgottenBetweenThreadsAndADatabase() {
        Database database = Database.open(DatabaseSettings.of("h2:mem:")).block(LIMIT);
        try {
            store = new R2dbcCallStore(database);
            allCallsEnd(60);
        } finally {
            database.close().block(LIMIT);
        }
    }

    private void allCallsEnd(int number) {
        AsyncCalls one = start();
        AsyncCalls other = start();

        Flux.range(0, number)
                .parallel(4)
                .runOn(Schedulers.parallel())
                .flatMap(i -> (i % 2 == 0 ? one : other).accept(call("c" + (10_000 + i))))
                .sequential()
                .blockLast(LIMIT);
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> store.backlog().block().queued() == 0
                        && store.backlog().block().running() == 0);
        one.closeAsync().block(LIMIT);
        other.closeAsync().block(LIMIT);

        assertThat(overlaps).isEmpty();
        assertThat(one.running() + other.running()).isZero();
        assertThat(store.backlog().block().dead()).as("tried often enough").isZero();
        assertThat(store.calls(new CallStore.Filter("fn", null, null, null), null, number + 1)
                        .block()
                        .items())
                .hasSize(number);
    }

    private AsyncCalls start() {
        Invoker invoker = invocation -> Mono.defer(() -> {
            Run run = new Run(invocation.id());
            return Mono.delay(Duration.ofNanos(upTo(300_000)))
                    .flatMap(some -> run(run, invocation))
                    .doOnTerminate(run::end) // before anybody can know that it has ended
                    .doOnCancel(run::end);
        });
        return AsyncCalls.builder(store, invoker, id -> Mono.just(new Target(AsyncRig.APP, FN, null, Map.of())))
                .settings(AsyncSettings.builder()
                        .concurrency(8)
                        .maxAttempts(50)
                        .retryBackoff(new Backoff(Duration.ofMillis(1), Duration.ofMillis(5), 1))
                        .busyBackoff(new Backoff(Duration.ofMillis(1), Duration.ofMillis(5), 1))
                        .build())
                .start();
    }

    /** One run of a call; it may be cancelled while it begins, and then it has not begun. */
    private final class Run {

        private final String call;
        private boolean hasBegun;
        private boolean hasEnded;

        Run(String call) {
            this.call = call;
        }

        synchronized void begin() {
            if (!hasEnded) {
                hasBegun = active.add(call);
                if (!hasBegun) {
                    overlaps.add(call);
                }
            }
        }

        synchronized void end() {
            hasEnded = true;
            if (hasBegun) {
                hasBegun = false;
                active.remove(call);
            }
        }
    }

    private Mono<InvocationReply> run(Run run, Invocation invocation) {
        run.begin();
        if (upTo(50) == 1) {
            return Mono.error(new FunctionException(ErrorKind.BUSY, "busy"));
        }
        invocation.watch().started(false, 0);
        return upTo(10) == 1
                ? Mono.error(new FunctionException(ErrorKind.FUNCTION_FAILED, "broke"))
                : Mono.just(new InvocationReply(Fields.empty(), Body.utf8("ok")));
    }

    private static long upTo(long most) {
        return ThreadLocalRandom.current().nextLong(most) + 1;
    }

    private static Invocation call(String id) {
        return new Invocation(
                id,
                CallType.ASYNC,
                AsyncRig.APP,
                FN,
                null,
                Fields.empty(),
                Body.utf8("in"),
                Deadline.NONE,
                InvocationWatch.NONE);
    }
}
