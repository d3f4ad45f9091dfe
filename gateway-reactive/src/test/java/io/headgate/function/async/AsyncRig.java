package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationWatch;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.Target;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Asynchronous calls with everything around them, on time that moves by hand. Jitter is always half. */
final class AsyncRig implements AutoCloseable {

    static final Instant T0 = Instant.parse("2026-11-21T18:00:00Z");
    static final App APP = new App("app1", "shop", Map.of(), Annotations.NONE, null, T0, T0);

    final VirtualClock time = VirtualClock.install();
    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final MemoryCallStore memory = new MemoryCallStore();
    final UnsteadyStore store = new UnsteadyStore(memory);
    final ScriptedInvoker invoker = new ScriptedInvoker(allocator);
    final Map<String, Fn> functions = new HashMap<>();
    final List<String> told = new ArrayList<>();
    private final List<AsyncCalls> started = new ArrayList<>();
    private int ids;
    boolean isCatalogDown;

    AsyncRig() {
        function("fn", Map.of());
    }

    Fn function(String id, Map<String, String> annotations) {
        Fn fn = new Fn(id, "app1", id, "image", 128, 30, 30, Map.of(), new Annotations(annotations), T0, T0);
        functions.put(id, fn);
        return fn;
    }

    AsyncCalls start() {
        return start(AsyncSettings.DEFAULTS);
    }

    AsyncCalls start(AsyncSettings settings) {
        AsyncCalls calls = AsyncCalls.builder(store, invoker, this::target)
                .settings(settings)
                .observer(new Teller(told))
                .name("w" + (started.size() + 1))
                .clock(clock())
                .timer(time)
                .random(() -> 0.5)
                .start();
        started.add(calls);
        return calls;
    }

    Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return now();
            }

            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
    }

    Instant now() {
        return T0.plusNanos(time.now(TimeUnit.NANOSECONDS));
    }

    void pass(Duration some) {
        time.advance(some);
    }

    void pass(long seconds) {
        time.advance(Duration.ofSeconds(seconds));
    }

    /** Lets time pass until there is another run; some time at most. */
    void passUntilRun(int number) {
        for (int i = 0; i < 10_000 && invoker.runs.size() < number; i++) {
            time.advance(Duration.ofMillis(50));
        }
    }

    private Mono<Target> target(String fnId) {
        Fn fn = functions.get(fnId);
        if (isCatalogDown) {
            return Mono.error(new IllegalStateException("catalog is down"));
        }
        return fn == null
                ? Mono.error(new FunctionException(ErrorKind.NOT_FOUND, "fn: " + fnId + " (expected: a function)"))
                : Mono.just(new Target(APP, fn, null, Map.of()));
    }

    Invocation invocation(String fnId, @Nullable Trigger trigger, Fields fields, Body payload) {
        Fn fn = functions.get(fnId);
        String id = "c" + (1000 + ++ids);
        return new Invocation(
                id, CallType.ASYNC, APP, fn, trigger, fields, payload, Deadline.NONE, InvocationWatch.NONE);
    }

    Body body(String text) {
        return Body.of(ByteBufUtil.writeUtf8(allocator, text));
    }

    /** Makes a call that must be accepted, and returns its id. */
    String call(AsyncCalls calls, String fnId, String payload) {
        Invocation invocation = invocation(fnId, null, Fields.empty(), body(payload));
        boolean[] accepted = {false};
        calls.accept(invocation).subscribe(none -> {}, error -> {}, () -> accepted[0] = true);
        assertThat(accepted[0]).as("accepted").isTrue();
        return invocation.id();
    }

    String call(AsyncCalls calls) {
        return call(calls, "fn", "in");
    }

    CallRecord record(String id) {
        return record("fn", id);
    }

    CallRecord record(String fnId, String id) {
        return memory.call(fnId, id).block();
    }

    CallStatus status(String id) {
        return record(id).status();
    }

    String result(String id) {
        CallResult result = memory.result("fn", id).block();
        return result == null ? "" : new String(result.body(), StandardCharsets.UTF_8);
    }

    String log(String id) {
        return new String(memory.log("fn", id).block(), StandardCharsets.UTF_8);
    }

    /** Ends what was started; then no timer and no buffer may be left. */
    @Override
    public void close() {
        try {
            store.fails = operation -> false;
            store.hangs = operation -> false;
            store.failsAfterwards = operation -> false;
            started.forEach(calls -> calls.closeAsync().subscribe());
            pass(3600);
            assertThat(started).allMatch(calls -> calls.running() == 0);
            assertThat(time.pending()).as("timers").isZero();
            allocator.assertNoLeaks();
        } finally {
            time.close();
        }
    }

    /** Writes down what an observer is told. */
    private record Teller(List<String> told) implements AsyncObserver {

        @Override
        public void accepted(QueuedCall call) {
            told.add("accepted " + call.id());
        }

        @Override
        public void refused(String fnId, FunctionException why) {
            told.add("refused " + fnId + " " + why.kind());
        }

        @Override
        public void leased(LeasedCall call) {
            told.add("leased " + call.call().id());
        }

        @Override
        public void ended(LeasedCall call, CallEnd end) {
            told.add("ended " + call.call().id() + " " + end.status());
        }

        @Override
        public void gaveBack(LeasedCall call, String why) {
            told.add("gaveBack " + call.call().id());
        }

        @Override
        public void lost(LeasedCall call, String why) {
            told.add("lost " + call.call().id());
        }

        @Override
        public void storeFailed(String operation, Throwable error) {
            told.add("storeFailed " + operation);
        }

        @Override
        public void forgot(long calls) {
            told.add("forgot " + calls);
        }
    }
}
