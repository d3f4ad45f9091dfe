package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.function.dispatch.DispatchObserver;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.dispatch.InstanceState;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.driver.Driver;
import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationEnd;
import io.headgate.function.invoke.InvocationObserver;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Far more functions than instances, in real time and through their triggers: instances start within 20 to 60 ms and stop within 5, as processes
 * do. Some seconds in a build, two minutes with {@code -Pbulk}.
 */
@Timeout(300)
class ManyFunctionsTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int SECONDS = Integer.getInteger("headgate.functions.seconds", 3);
    private static final int FUNCTIONS = 500;
    private static final int CALLS_PER_SECOND = 80;
    private static final int GREEDY = 3;
    private static final int CALLERS_OF_GREEDY = 4;
    private static final String WARM = "warm";

    private final MachineBudget budget = MachineBudget.of(8 * 128, 8);
    private final FunctionStore store = MemoryFunctionStore.create();
    private final Tenants driver = new Tenants();
    private final Evictions evictions = new Evictions();
    private final Waits waits = new Waits();
    private final Scheduler load = Schedulers.newParallel("load", 1);
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private App app;
    private Functions functions;

    @BeforeEach
    void open() {
        app = store.createApp(App.named("many")).block(LONG);
        for (int i = 0; i < FUNCTIONS; i++) {
            add("fn" + i, i % 50 == 1 ? 512 : i % 10 == 2 ? 256 : 128, Map.of());
        }
        add(WARM, 128, Map.of(FnLimits.MIN_INSTANCES, "1"));
        functions = Functions.builder(store, DispatchSettings.of(budget))
                .agent(agent -> agent.driver(driver).observer(waits).dispatchObserver(evictions))
                .open()
                .block(LONG);
    }

    private void add(String name, int memoryMb, Map<String, String> annotations) {
        Fn plain = Fn.of(app.id(), name, "local:work");
        Fn fn = store.createFn(new Fn(
                        "",
                        app.id(),
                        name,
                        plain.image(),
                        memoryMb,
                        30,
                        1,
                        Map.of(),
                        new Annotations(annotations),
                        plain.createdAt(),
                        plain.updatedAt()))
                .block(LONG);
        store.createTrigger(Trigger.of(app.id(), fn.id(), name, "/" + name)).block(LONG);
    }

    @AfterEach
    void close() {
        functions.closeAsync(LONG).block(LONG);
        load.dispose();
        assertThat(driver.memoryMb).as("MB of instances after closing").hasValue(0);
    }

    @Test
    void fiveHundredFunctionsShareTheTokensOfEightInstances() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        arrive(end);
        for (int i = 0; i < GREEDY * CALLERS_OF_GREEDY; i++) {
            callForEver("fn" + i % GREEDY, end);
        }
        await().pollDelay(Duration.ofSeconds(SECONDS))
                .atMost(Duration.ofSeconds(SECONDS).plus(LONG))
                .untilAsserted(() -> assertThat(answered).as("answered").hasValue(begun.get()));

        assertThat(failures).as("calls that were refused or failed").isEmpty();
        assertThat(waits.called).as("functions that were called").hasSizeGreaterThan(GREEDY);
        assertThat(driver.mostMb.get()).as("most MB at one time").isBetween(512L, 8L * 128);
        assertThat(evictions.wrong).as("evictions against the rules").isEmpty();
        assertThat(evictions.count.get()).as("evictions").isPositive();
        tell();
        onlyTheWarmOneStays();
    }

    /** Whatever was started is idle now, and leaves after a second; nothing of it stays counted. */
    private void onlyTheWarmOneStays() {
        await().atMost(LONG).untilAsserted(() -> {
            DispatchStats stats = functions.stats();
            assertThat(stats.memoryBytes()).as("bytes taken").isEqualTo(128L << 20);
            assertThat(driver.memoryMb).as("MB of instances").hasValue(128);
            assertThat(stats.queues())
                    .allSatisfy(queue ->
                            assertThat(queue.waiting() + queue.claims()).isZero());
        });
    }

    private void tell() {
        System.out.printf(
                "%d functions, %d s: %,d calls, %,d starts, %,d evictions (%d of busy instances), longest wait %,d ms, p99 %,d ms%n",
                FUNCTIONS,
                SECONDS,
                answered.get(),
                driver.starts.get(),
                evictions.count.get(),
                evictions.busy.get(),
                waits.longest(1),
                waits.longest(0.99));
    }

    // ---- load

    private void arrive(long end) {
        if (System.nanoTime() - end >= 0) {
            return;
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        call("fn" + random.nextInt(FUNCTIONS)).subscribe();
        double gap = -Math.log(1 - random.nextDouble()) / CALLS_PER_SECOND;
        load.schedule(() -> arrive(end), (long) (gap * 1e9), TimeUnit.NANOSECONDS);
    }

    private void callForEver(String name, long end) {
        if (System.nanoTime() - end < 0) {
            call(name).subscribeOn(load).subscribe(done -> {}, error -> {}, () -> callForEver(name, end));
        }
    }

    private Mono<Void> call(String name) {
        return Mono.defer(() -> {
            begun.incrementAndGet();
            return functions
                    .call(HttpExchange.of(RequestHead.of("POST", "many.example", "/t/many/" + name), Body.utf8(name)))
                    .flatMap(reply -> reply.body().asString(1 << 16).doOnNext(text -> {
                        if (reply.status() != 200 || !text.equals(name)) {
                            failures.add(reply.status() + " of " + name + ": " + text);
                        }
                    }))
                    .doFinally(end -> answered.incrementAndGet())
                    .then();
        });
    }

    /** Instances with times of processes. What they take is counted from their order until they are gone. */
    private static final class Tenants implements Driver {

        final AtomicLong memoryMb = new AtomicLong();
        final AtomicLong mostMb = new AtomicLong();
        final AtomicInteger starts = new AtomicInteger();
        private final LocalDriver local = LocalDriver.builder()
                .image("local:work", spec -> delay(20, 60).thenReturn(Tenants::work))
                .build();

        private static Mono<InstanceReply> work(InstanceRequest request) {
            return request.body()
                    .asString(1 << 16)
                    .delayUntil(text -> delay(1, 20))
                    .map(text -> new InstanceReply(200, Fields.empty(), Body.utf8(text)));
        }

        private static Mono<Long> delay(int least, int most) {
            return Mono.delay(Duration.ofMillis(ThreadLocalRandom.current().nextInt(least, most)));
        }

        @Override
        public boolean runs(String image) {
            return local.runs(image);
        }

        @Override
        public Mono<Instance> start(InstanceSpec spec) {
            return Mono.defer(() -> {
                starts.incrementAndGet();
                long taken = memoryMb.addAndGet(spec.memoryMb());
                mostMb.accumulateAndGet(taken, Math::max);
                return local.start(spec)
                        .<Instance>map(instance -> new Tenant(instance, () -> memoryMb.addAndGet(-spec.memoryMb())))
                        .doOnError(error -> memoryMb.addAndGet(-spec.memoryMb()))
                        .doOnCancel(() -> memoryMb.addAndGet(-spec.memoryMb()));
            });
        }

        @Override
        public Mono<Void> close() {
            return local.close();
        }
    }

    private record Tenant(Instance instance, Runnable gone) implements Instance {

        @Override
        public Mono<InstanceReply> call(InstanceRequest request) {
            return instance.call(request);
        }

        @Override
        public Mono<Void> freeze() {
            return instance.freeze();
        }

        @Override
        public Mono<Void> unfreeze() {
            return instance.unfreeze();
        }

        @Override
        public Mono<String> ended() {
            return instance.ended();
        }

        /** Ordered once by the dispatcher. */
        @Override
        public Mono<Void> stop(Duration grace) {
            return Tenants.delay(1, 5).then(instance.stop(grace)).then(Mono.fromRunnable(gone));
        }
    }

    /** Checks each eviction by the rules on the page {@code function-dispatch.md}. */
    private static final class Evictions implements DispatchObserver {

        /** Half of the patience: somebody else may have the processor when it is noted that a claim begins. */
        private static final long LEAST_WAIT = Duration.ofMillis(250).toNanos();

        final AtomicInteger count = new AtomicInteger();
        final AtomicInteger busy = new AtomicInteger();
        final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private final Map<Workload, Long> claims = new ConcurrentHashMap<>();

        @Override
        public void moved(Workload workload, InstanceState from, InstanceState to, long nanos) {
            if (to == InstanceState.WAIT) {
                claims.put(workload, System.nanoTime());
            }
        }

        @Override
        public void evicted(Workload victim, InstanceState state, Workload claimant) {
            count.incrementAndGet();
            if (victim.key().equals(claimant.key())) {
                wrong.add(victim + " for itself");
            }
            if (victim.fn().name().equals(WARM)) {
                wrong.add(victim + ", which is kept warm");
            }
            switch (state) {
                case IDLE, PAUSED -> {}
                case BUSY -> {
                    busy.incrementAndGet();
                    Long since = claims.get(claimant);
                    if (since == null || System.nanoTime() - since < LEAST_WAIT) {
                        wrong.add(victim + " while busy, for " + claimant + ", which has not waited");
                    }
                }
                default -> wrong.add(victim + " while " + state);
            }
        }
    }

    private static final class Waits implements InvocationObserver {

        final Set<String> called = ConcurrentHashMap.newKeySet();
        private final Queue<Long> waited = new ConcurrentLinkedQueue<>();

        @Override
        public void ended(Invocation call, InvocationEnd end) {
            called.add(call.fn().name());
            waited.add(end.waitedNanos());
        }

        long longest(double share) {
            long[] all = waited.stream().mapToLong(Long::longValue).sorted().toArray();
            return all[(int) Math.min(all.length - 1L, (long) (all.length * share))] / 1_000_000;
        }
    }
}
