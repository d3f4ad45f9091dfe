package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationWatch;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.Target;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;

/** Some processes on one store, with a life as eventful as chance will have it. */
final class AsyncHistory implements AutoCloseable {

    static final int MAX_ATTEMPTS = 4;

    final VirtualClock time = VirtualClock.install();
    final Random random;
    final MemoryCallStore store = new MemoryCallStore();
    /** Which process runs a call. */
    final Map<String, String> active = new HashMap<>();

    boolean isStoreDown;
    boolean isRough = true;

    private final boolean clocksJump;
    private final AsyncSettings settings;
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private final Map<String, String> accepted = new HashMap<>(); // function by call
    private final Map<String, Integer> ends = new HashMap<>();
    private final Set<String> overlaps = new HashSet<>();
    private int names;
    private int ids;

    /**
     * A history.
     *
     * @param seed what happens
     * @param clocksJump whether clocks are so wrong that leases are worth nothing
     */
    AsyncHistory(long seed, boolean clocksJump) {
        this.random = new Random(seed);
        this.clocksJump = clocksJump;
        this.settings = AsyncSettings.builder()
                .concurrency(1 + random.nextInt(6))
                .maxAttempts(MAX_ATTEMPTS)
                .maxAge(Duration.ofHours(1))
                .closeGrace(Duration.ofSeconds(random.nextInt(20)))
                .build();
        for (int i = 0; i < 3; i++) {
            startProcess();
        }
    }

    private void startProcess() {
        SimulatedProcess process = new SimulatedProcess("p" + ++names, this, settings);
        process.setClock(wrongTime());
        processes.add(process);
    }

    /** Between any two clocks there is less than the sixth of a lease, unless they jump. */
    private Duration wrongTime() {
        return clocksJump && random.nextInt(4) == 0
                ? Duration.ofSeconds(random.nextInt(1200) - 600)
                : Duration.ofMillis(random.nextInt(4800) - 2400);
    }

    Duration upTo(int millis) {
        return Duration.ofMillis(1 + random.nextInt(millis));
    }

    Mono<Long> after(Duration some) {
        return Mono.delay(some, time);
    }

    Instant now() {
        return AsyncRig.T0.plusNanos(time.now(TimeUnit.NANOSECONDS));
    }

    Mono<Target> target(String fnId) {
        if (fnId.equals("gone")) {
            return Mono.error(new FunctionException(ErrorKind.NOT_FOUND, "fn: gone"));
        }
        return random.nextInt(30) == 0 && isRough
                ? Mono.error(new IllegalStateException("catalog"))
                : Mono.just(new Target(AsyncRig.APP, fn(fnId), null, Map.of()));
    }

    private static Fn fn(String id) {
        Map<String, String> annotations = id.equals("once") ? Map.of(AsyncRetries.ANNOTATION, "0") : Map.of();
        return new Fn(
                id, "app1", id, "image", 128, 30, 30, Map.of(), new Annotations(annotations), AsyncRig.T0, AsyncRig.T0);
    }

    /** A process is about to run a call. */
    void begins(String id, String process) {
        String before = active.put(id, process);
        if (before != null) {
            overlaps.add(id + " by " + before + " and " + process);
        }
        int attempts = store.call(accepted.get(id), id).block().attempts();
        assertThat(attempts).as("attempts of a call that runs").isBetween(1, MAX_ATTEMPTS);
    }

    void ended(LeasedCall call, CallEnd end) {
        ends.merge(call.call().id(), 1, Integer::sum);
        if (end.result() != null) {
            assertThat(new String(end.result().body(), StandardCharsets.UTF_8))
                    .isEqualTo(call.call().id());
        }
    }

    void live(int steps) {
        for (int i = 0; i < steps; i++) {
            happen(random.nextInt(40));
            time.advance(upTo(3000));
        }
    }

    private void happen(int event) {
        SimulatedProcess process = processes.get(random.nextInt(processes.size()));
        switch (event) {
            case 0 -> {
                process.kill();
                processes.remove(process);
                startProcess();
            }
            case 1 -> {
                process.calls.closeAsync().subscribe();
                startProcess();
            }
            case 2 -> process.setClock(wrongTime());
            case 3 -> isStoreDown = !isStoreDown;
            case 4, 5 -> isStoreDown = false;
            case 6 -> revive();
            default -> {
                if (event < 24) {
                    accept(process);
                }
            }
        }
    }

    private void accept(SimulatedProcess process) {
        String id = "c" + (10_000 + ++ids);
        String fnId = List.of("fn", "fn", "other", "once", "gone").get(random.nextInt(5));
        accepted.put(id, fnId); // also when it is refused: if it was recorded, it must end
        process.calls
                .accept(new Invocation(
                        id,
                        CallType.ASYNC,
                        AsyncRig.APP,
                        fn(fnId),
                        null,
                        Fields.empty(),
                        Body.utf8("in"),
                        Deadline.NONE,
                        InvocationWatch.NONE))
                .subscribe(none -> {}, error -> ends.putIfAbsent(id, 0), () -> ends.putIfAbsent(id, 0));
    }

    private void revive() {
        accepted.forEach((id, fnId) -> {
            if (random.nextInt(4) == 0
                    && Boolean.TRUE.equals(
                            store.revive(fnId, id, now()).onErrorReturn(false).block())) {
                ends.merge(id, -1, Integer::sum);
            }
        });
    }

    /** Nothing bad happens any more; then everything must come to an end. */
    void comeToAnEnd() {
        isRough = false;
        isStoreDown = false;
        processes.forEach(process -> process.setClock(Duration.ZERO));
        startProcess();
        for (int i = 0; i < 200 && !isDone(); i++) {
            time.advance(Duration.ofMinutes(1));
        }
    }

    private boolean isDone() {
        CallStore.Backlog backlog = store.backlog().block();
        return backlog.queued() + backlog.running() == 0;
    }

    void check() {
        assertThat(isDone())
                .as("every call has ended: " + store.backlog().block())
                .isTrue();
        accepted.forEach((id, fnId) -> {
            CallRecord call =
                    store.call(fnId, id).onErrorResume(gone -> Mono.empty()).block();
            if (call != null) {
                assertThat(call.status()).as(id).matches(CallStatus::isEnded);
                assertThat(ends).as("recorded ends").containsEntry(id, 1);
                if (fnId.equals("gone")) {
                    assertThat(call.status()).isEqualTo(CallStatus.ERROR);
                }
            }
        });
        if (!clocksJump) {
            assertThat(overlaps).as("calls that ran twice at a time").isEmpty();
        }
        time.advance(Duration.ofMinutes(2));
        assertThat(processes).allSatisfy(process -> {
            assertThat(process.calls.running()).isZero();
            assertThat(process.open())
                    .as("leases without an end for the observer")
                    .isZero();
        });
    }

    @Override
    public void close() {
        time.close();
    }
}
