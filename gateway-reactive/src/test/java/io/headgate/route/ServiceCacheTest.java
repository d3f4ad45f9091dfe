package io.headgate.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class ServiceCacheTest {

    private static final Duration IDLE = ServiceCacheSettings.DEFAULT_IDLE;
    private static final Duration IDLE_AT_MOST = IDLE.plus(IDLE.dividedBy(4));
    private static final HttpExchange EXCHANGE = TestExchange.get("/");

    private final VirtualClock clock = VirtualClock.install();
    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Map<String, ScriptedService> made = new HashMap<>();

    @AfterEach
    void close() {
        clock.close();
        allocator.assertNoLeaks();
    }

    private ServiceCache<String> cache(int capacity) {
        return ServiceCache.of(
                key -> {
                    ScriptedService service = ScriptedService.create();
                    made.put(key, service);
                    return service;
                },
                ServiceCacheSettings.DEFAULTS.withCapacity(capacity),
                clock);
    }

    /** A call whose reply has come, but not its body. */
    private ScriptedBody stream(ServiceCache<String> cache, String key) {
        HttpReply[] reply = new HttpReply[1];
        cache.call(key, EXCHANGE).subscribe(given -> reply[0] = given);
        List<ScriptedService.Call> calls = service(key).calls();
        ScriptedBody body = calls.get(calls.size() - 1).reply(200, Fields.empty());
        reply[0].body().subscribe(ByteBuf::release, error -> {});
        return body;
    }

    private ScriptedService service(String key) {
        ScriptedService service = made.get(key);
        if (service == null) {
            throw new AssertionError("service of " + key + ": none");
        }
        return service;
    }

    private void once(ServiceCache<String> cache, String key) {
        stream(cache, key).complete();
    }

    @Test
    void makesAServiceOnceAndNotBeforeACallIsSubscribed() {
        ServiceCache<String> cache = cache(10);
        Mono<HttpReply> described = cache.call("a", EXCHANGE);
        assertThat(made).isEmpty();
        assertThat(clock.pending()).as("timers of an empty cache").isZero();
        described.subscribe(HttpReply::discard);
        described.subscribe(HttpReply::discard);

        assertThat(service("a").calls()).hasSize(2);
        assertThat(cache.stats()).isEqualTo(new ServiceCacheStats(1, 1, 0, 0));
        assertThat(clock.pending()).isEqualTo(1);
    }

    @Test
    void closesAServiceThatHasBeenIdleAndThenHasNothingToDo() {
        ServiceCache<String> cache = cache(10);
        once(cache, "a");
        clock.advance(IDLE.minusMillis(1));
        assertThat(service("a").closes()).isZero();
        clock.advance(IDLE_AT_MOST.minus(IDLE).plusMillis(1));

        assertThat(service("a").closes()).isEqualTo(1);
        assertThat(cache.stats()).isEqualTo(new ServiceCacheStats(0, 1, 1, 0));
        assertThat(clock.pending()).as("timers of an empty cache").isZero();

        ScriptedService first = service("a");
        once(cache, "a");
        assertThat(service("a")).as("service that is made anew").isNotSameAs(first);
        assertThat(clock.pending()).isEqualTo(1);
    }

    @Test
    void aCallBeginsTheTimeAnew() {
        ServiceCache<String> cache = cache(10);
        for (int i = 0; i < 10; i++) {
            once(cache, "a");
            clock.advance(IDLE.minusSeconds(1));
        }
        assertThat(service("a").closes()).isZero();
        clock.advance(IDLE_AT_MOST);

        assertThat(service("a").closes()).isEqualTo(1);
    }

    @Test
    void aReplyThatStreamsIsInFlightToItsEnd() {
        ServiceCache<String> cache = cache(10);
        ScriptedBody body = stream(cache, "a");
        for (int i = 0; i < 20; i++) {
            clock.advance(IDLE);
            body.emit(allocator.utf8("chunk"));
        }
        assertThat(service("a").closes()).isZero();
        body.complete(Fields.of("grpc-status", "0"));
        assertThat(service("a").closes()).isZero();
        clock.advance(IDLE_AT_MOST);

        assertThat(service("a").closes()).isEqualTo(1);
    }

    @Test
    void everyEndOfACallEndsIt() {
        ServiceCache<String> cache = cache(10);
        cache.call("failed", EXCHANGE).subscribe(reply -> {}, error -> {});
        service("failed").onlyCall().fail(new IllegalStateException("made by the test"));
        cache.call("cancelled", EXCHANGE).subscribe().dispose();
        cache.call("discarded", EXCHANGE).subscribe(HttpReply::discard);
        service("discarded").onlyCall().reply(200, Fields.empty());
        stream(cache, "cut").fail(new IllegalStateException("made by the test"));
        BaseSubscriber<ByteBuf> reader = new BaseSubscriber<>() {};
        cache.call("left", EXCHANGE).subscribe(reply -> reply.body().subscribe(reader));
        service("left").onlyCall().reply(200, Fields.empty());
        reader.cancel();
        ServiceCache<String> empty =
                ServiceCache.of(key -> exchange -> Mono.empty(), ServiceCacheSettings.DEFAULTS, clock);
        empty.call("empty", EXCHANGE).subscribe();
        clock.advance(IDLE_AT_MOST);

        assertThat(cache.stats()).isEqualTo(new ServiceCacheStats(0, 5, 5, 0));
        assertThat(empty.stats().size()).isZero();
    }

    @Test
    void aFullCacheClosesAnIdleServiceBeforeItsTime() {
        ServiceCache<String> cache = cache(3);
        once(cache, "a");
        ScriptedBody streaming = stream(cache, "b");
        once(cache, "c");
        once(cache, "d");

        assertThat(service("a").closes() + service("c").closes()).isEqualTo(1);
        assertThat(service("b").closes()).isZero();
        assertThat(cache.stats()).isEqualTo(new ServiceCacheStats(3, 4, 1, 0));
        streaming.complete();
    }

    @Test
    void servicesThatAreCalledAreKeptBeforeThoseThatAreNot() {
        ServiceCache<String> cache = cache(10);
        once(cache, "hot");
        for (int i = 0; i < 200; i++) {
            once(cache, "cold " + i);
            once(cache, "hot");
        }

        assertThat(service("hot").closes()).isZero();
        assertThat(service("hot").calls())
                .as("but for the first look, before which all were called")
                .hasSizeGreaterThan(190);
        assertThat(cache.stats().size()).isEqualTo(10);
    }

    @Test
    void aFullCacheOfServicesInUseRefusesOneMore() {
        ServiceCache<String> cache = cache(2);
        ScriptedBody first = stream(cache, "a");
        ScriptedBody second = stream(cache, "b");
        for (int i = 0; i < 3; i++) {
            StepVerifier.create(cache.call("c", EXCHANGE))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .hasMessage("services in use: 2 (expected: fewer, for one more)")
                            .isInstanceOfSatisfying(ServicesExhaustedException.class, refusal -> {
                                assertThat(refusal.status()).isEqualTo(503);
                                assertThat(refusal.traits()).containsExactlyInAnyOrder(Trait.REJECTED, Trait.RETRYABLE);
                                assertThat(refusal.getStackTrace()).isEmpty();
                            }));
        }
        once(cache, "a");
        assertThat(made).doesNotContainKey("c");
        assertThat(cache.stats()).isEqualTo(new ServiceCacheStats(2, 2, 0, 3));

        first.complete();
        once(cache, "c");
        assertThat(service("a").closes()).isEqualTo(1);
        second.complete();
    }

    @Test
    void closingWaitsForCallsInFlight() {
        ServiceCache<String> cache = cache(10);
        ScriptedBody body = stream(cache, "busy");
        once(cache, "idle");
        boolean[] closed = new boolean[1];
        cache.closeAsync(Duration.ofMinutes(1)).subscribe(done -> {}, error -> {}, () -> closed[0] = true);

        assertThat(service("idle").closes()).isEqualTo(1);
        assertThat(service("busy").closes()).isZero();
        StepVerifier.create(cache.call("busy", EXCHANGE)).verifyErrorMessage("services: closed (expected: open)");
        assertThat(closed[0]).isFalse();
        body.complete();
        assertThat(service("busy").closes()).isEqualTo(1);
        assertThat(closed[0]).isTrue();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void closingCutsWhatTakesLongerThanTheGrace() {
        ServiceCache<String> cache = cache(10);
        ScriptedBody body = stream(cache, "busy");
        cache.closeAsync(Duration.ofMinutes(1)).subscribe();
        clock.advance(Duration.ofSeconds(59));
        assertThat(service("busy").closes()).isZero();
        clock.advance(Duration.ofSeconds(1));

        assertThat(service("busy").closes()).isEqualTo(1);
        body.complete();
    }

    @Test
    void aSecondCloseMayBeLessPatient() {
        ServiceCache<String> cache = cache(10);
        ScriptedBody body = stream(cache, "busy");
        cache.closeAsync(Duration.ofMinutes(1)).subscribe();
        cache.closeAsync(Duration.ZERO).subscribe();

        assertThat(service("busy").closes()).isEqualTo(1);
        body.complete();
        clock.advance(Duration.ofMinutes(1));
    }

    @Test
    void closingWaitsForServicesThatAreBeingEvicted() {
        TestPublisher<Void> slow = TestPublisher.create();
        ServiceCache<String> cache = ServiceCache.of(
                key -> new Service<>() {
                    @Override
                    public Mono<HttpReply> call(HttpExchange exchange) {
                        return Mono.just(HttpReply.of(204));
                    }

                    @Override
                    public Mono<Void> closeAsync(Duration grace) {
                        return slow.mono();
                    }
                },
                ServiceCacheSettings.DEFAULTS,
                clock);
        cache.call("a", EXCHANGE).subscribe(HttpReply::discard);
        clock.advance(IDLE_AT_MOST);
        assertThat(cache.stats().evicted()).isEqualTo(1);
        boolean[] closed = new boolean[1];
        cache.closeAsync(Duration.ZERO).subscribe(done -> {}, error -> {}, () -> closed[0] = true);

        assertThat(closed[0]).isFalse();
        slow.complete();
        assertThat(closed[0]).isTrue();
    }

    @Test
    void aServiceThatFailsToCloseDoesNotHarmTheOthers() {
        AtomicInteger closes = new AtomicInteger();
        ServiceCache<Integer> cache = ServiceCache.of(
                key -> new Service<>() {
                    @Override
                    public Mono<HttpReply> call(HttpExchange exchange) {
                        return Mono.just(HttpReply.of(204));
                    }

                    @Override
                    public Mono<Void> closeAsync(Duration grace) {
                        closes.incrementAndGet();
                        throw new IllegalStateException("made by the test");
                    }
                },
                ServiceCacheSettings.DEFAULTS,
                clock);
        for (int i = 0; i < 3; i++) {
            cache.call(i, EXCHANGE).subscribe(HttpReply::discard);
        }
        clock.advance(IDLE_AT_MOST);

        assertThat(closes).hasValue(3);
        assertThat(cache.stats().size()).isZero();
    }

    /** More keys than places, on several threads: the bound holds, and nobody gets a service that was closed. */
    @Test
    void evictionAndCallsMayCross() throws Exception {
        int threads = 4;
        ServiceCache<Integer> cache =
                ServiceCache.of(Guarded::new, ServiceCacheSettings.DEFAULTS.withCapacity(8), clock);
        CyclicBarrier start = new CyclicBarrier(threads);
        List<FutureTask<Integer>> clients = IntStream.range(0, threads)
                .mapToObj(i -> new FutureTask<>(() -> {
                    start.await();
                    int answered = 0;
                    for (int j = 0; j < 20_000; j++) {
                        HttpReply reply = cache.call(ThreadLocalRandom.current().nextInt(24), EXCHANGE)
                                .block();
                        answered += reply == null ? 0 : reply.status() == 204 ? 1 : 0;
                        if (reply != null) {
                            reply.discard();
                        }
                    }
                    return answered;
                }))
                .toList();
        clients.forEach(client -> new Thread(client, "client").start());
        for (FutureTask<Integer> client : clients) {
            assertThat(client.get()).isEqualTo(20_000);
        }

        assertThat(cache.stats().size()).isLessThanOrEqualTo(8);
        assertThat(cache.stats().evicted()).isPositive();
        StepVerifier.create(cache.closeAsync(Duration.ofMinutes(1))).verifyComplete();
    }

    /** Says 500 to calls that come after its close. */
    private static final class Guarded implements Service<HttpExchange, HttpReply> {

        private volatile boolean closed;

        Guarded(Integer key) {}

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return Mono.fromSupplier(() -> HttpReply.of(closed ? 500 : 204));
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return Mono.fromRunnable(() -> closed = true);
        }
    }

    @Test
    void boundsAreChecked() {
        ServiceCacheSettings defaults = ServiceCacheSettings.DEFAULTS;

        assertThatThrownBy(() -> defaults.withCapacity(0)).hasMessage("capacity: 0 (expected: at least 1)");
        assertThatThrownBy(() -> defaults.withIdle(Duration.ZERO))
                .hasMessage("idle: PT0S (expected: 1 ms to 365 days)");
        assertThatThrownBy(() -> defaults.withGrace(Duration.ofNanos(-1)))
                .hasMessage("grace: PT-0.000000001S (expected: 0 to 365 days)");
    }
}
