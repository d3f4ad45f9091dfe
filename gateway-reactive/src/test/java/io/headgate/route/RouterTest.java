package io.headgate.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class RouterTest {

    private static RouteTable<String> table(String path, String key) {
        return RouteTable.<String>builder()
                .add(Route.of(key, key).withPath(path))
                .build();
    }

    /** Replies with its key. */
    private static ServiceCache<String> named() {
        return ServiceCache.of(key -> exchange -> Mono.fromSupplier(() -> HttpReply.text(200, key)));
    }

    private static Mono<String> text(Service<HttpExchange, HttpReply> service, HttpExchange exchange) {
        return service.call(exchange).flatMap(reply -> reply.body().asString(1000));
    }

    @Test
    void callsTheServiceOfTheKey() {
        RouteTable<String> table = RouteTable.<String>builder()
                .add(Route.of("users", "one").withPathPrefix("/users"))
                .add(Route.of("orders", "two").withPathPrefix("/orders"))
                .add(Route.of("old orders", "two").withPathPrefix("/bestellungen"))
                .build();
        Router<String> router = Router.of(table, named());

        StepVerifier.create(text(router, Requests.get("h", "/users/7")))
                .expectNext("one")
                .verifyComplete();
        StepVerifier.create(text(router, Requests.get("h", "/orders")))
                .expectNext("two")
                .verifyComplete();
        StepVerifier.create(text(router, Requests.get("h", "/bestellungen")))
                .expectNext("two")
                .verifyComplete();
        assertThat(router.services().stats()).isEqualTo(new ServiceCacheStats(2, 2, 0, 0));
        assertThat(router.status()).isEqualTo(Service.Status.OPEN);
        assertThat(router.describe()).isEqualTo("router, 3 routes");
    }

    @Test
    void theServiceSeesTheParameters() {
        Router<String> router = Router.of(table("/users/{id}", "user"), ServiceCache.of(key -> exchange -> {
            PathParameters found = Objects.requireNonNull(exchange.attributes().get(PathParameters.KEY));
            return Mono.just(HttpReply.text(200, key + " " + found.get("id")));
        }));

        StepVerifier.create(text(router, Requests.get("h", "/users/7")))
                .expectNext("user 7")
                .verifyComplete();
    }

    @Test
    void keysMayBeMadeOfTheExchange() {
        Router<String> router = Router.of(
                Recognizer.by(exchange -> exchange.head().authority().equals("h")
                        ? exchange.head().path()
                        : null),
                named());

        StepVerifier.create(text(router, Requests.get("h", "/any")))
                .expectNext("/any")
                .verifyComplete();
        StepVerifier.create(router.call(Requests.get("other", "/any"))).verifyError(NoRouteException.class);
    }

    @Test
    void aRequestWithoutRouteIsRefusedWithItsHostAndPathOnly() {
        Router<String> router = Router.of(table("/", "root"), named());

        StepVerifier.create(router.call(Requests.get("example.org", "/nothing?token=secret")))
                .verifyErrorSatisfies(error -> {
                    assertThat(error)
                            .isInstanceOf(NoRouteException.class)
                            .hasMessage("route: example.org /nothing (expected: a host and path that are served here)");
                    NoRouteException refusal = (NoRouteException) error;
                    assertThat(refusal.status()).isEqualTo(404);
                    assertThat(refusal.traits()).containsExactlyInAnyOrder(Trait.REJECTED, Trait.CLIENT_FAULT);
                    assertThat(refusal.getStackTrace()).isEmpty();
                });
        StepVerifier.create(router.call(Requests.get("h", "/" + "x".repeat(10_000))))
                .verifyErrorSatisfies(error -> assertThat(error.getMessage()).hasSizeLessThan(400));
    }

    @Test
    void whatARecognizerOrAFactoryThrowsFailsTheCallOnly() {
        IllegalStateException failure = new IllegalStateException("made by the test");
        AtomicBoolean broken = new AtomicBoolean(true);
        Recognizer<String> table = Recognizer.by(exchange -> {
            if (exchange.head().target().equals("/table")) {
                throw failure;
            }
            return exchange.head().target();
        });
        Router<String> router = Router.of(table, ServiceCache.of(key -> {
            if (key.equals("/factory") && broken.get()) {
                throw failure;
            }
            return exchange -> {
                if (key.equals("/service")) {
                    throw failure;
                }
                return Mono.just(HttpReply.of(204));
            };
        }));

        for (String target : List.of("/table", "/factory", "/service")) {
            StepVerifier.create(router.call(Requests.get("h", target)))
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(failure));
        }
        broken.set(false);
        StepVerifier.create(router.call(Requests.get("h", "/factory")))
                .expectNextCount(1)
                .verifyComplete();
        StepVerifier.create(router.closeAsync(Duration.ofMinutes(1)))
                .as("the call that was thrown out of is over")
                .verifyComplete();
    }

    @Test
    void followsAStreamOfTablesAndKeepsTheLastWhenItFails() {
        TestPublisher<RouteTable<String>> tables = TestPublisher.create();
        Router<String> router = Router.follow(tables.flux(), named());

        assertThat(router.status()).isEqualTo(Service.Status.BUSY);
        StepVerifier.create(router.call(Requests.get("h", "/")))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .hasMessage("routes: none (expected: a table)")
                        .isInstanceOfSatisfying(
                                UnavailableException.class,
                                refusal ->
                                        assertThat(refusal.is(Trait.RETRYABLE)).isTrue()));

        Mono<String> described = text(router, Requests.get("h", "/"));
        tables.next(table("/", "first"));
        StepVerifier.create(router.ready()).verifyComplete();
        StepVerifier.create(described).expectNext("first").verifyComplete();
        tables.next(table("/", "second"));
        StepVerifier.create(described).expectNext("second").verifyComplete();

        IllegalStateException failure = new IllegalStateException("made by the test");
        tables.error(failure);
        assertThat(router.failure()).isSameAs(failure);
        StepVerifier.create(described).expectNext("second").verifyComplete();
    }

    @Test
    void aServiceStaysWhenANewTableNamesItsKey() {
        Sinks.Many<Recognizer<String>> tables = Sinks.many().unicast().onBackpressureBuffer();
        Router<String> router = Router.follow(tables.asFlux(), named());
        for (String path : List.of("/a", "/b", "/c")) {
            tables.tryEmitNext(table(path, "same"));
            StepVerifier.create(text(router, Requests.get("h", path)))
                    .expectNext("same")
                    .verifyComplete();
        }

        assertThat(router.services().stats().created()).isEqualTo(1);
    }

    @Test
    void closingLeavesTheStream() {
        TestPublisher<RouteTable<String>> tables = TestPublisher.create();
        Router<String> router = Router.follow(tables.flux(), named());
        tables.next(table("/", "it"));
        StepVerifier.create(router.closeAsync(Duration.ZERO)).verifyComplete();

        tables.assertCancelled();
        assertThat(router.status()).isEqualTo(Service.Status.CLOSED);
        StepVerifier.create(router.call(Requests.get("h", "/")))
                .verifyErrorMessage("services: closed (expected: open)");
    }

    /** Each table sends all paths to services of its own, so a call that mixed two would show. */
    @Test
    void callsUnderLoadUseExactlyOneTable() throws Exception {
        int threads = 4;
        int tablesMade = 300;
        Sinks.Many<Recognizer<String>> tables = Sinks.many().unicast().onBackpressureBuffer();
        Map<String, AtomicInteger> seen = new ConcurrentHashMap<>();
        ServiceCache<String> cache = ServiceCache.of(
                key -> exchange -> Mono.fromSupplier(() -> HttpReply.text(200, key)),
                ServiceCacheSettings.DEFAULTS.withCapacity(8));
        Router<String> router = Router.follow(tables.asFlux(), cache);
        tables.tryEmitNext(generation(0));
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch running = new CountDownLatch(threads);
        List<FutureTask<Integer>> clients = IntStream.range(0, threads)
                .mapToObj(i -> new FutureTask<>(() -> {
                    int calls = 0;
                    boolean last = false;
                    while (!last || calls < 1000) {
                        last = over.get(); // read before the call, so the last call sees the last table
                        String answer = Objects.requireNonNull(text(router, Requests.get("h", "/p" + calls % 2))
                                .block());
                        seen.computeIfAbsent(answer, key -> new AtomicInteger()).incrementAndGet();
                        if (!answer.startsWith("p" + calls % 2 + " of ")) {
                            throw new AssertionError(answer);
                        }
                        if (++calls == 1) {
                            running.countDown();
                        }
                    }
                    return calls;
                }))
                .toList();
        clients.forEach(client -> new Thread(client, "client").start());
        await().until(() -> running.getCount() == 0
                || clients.stream().anyMatch(FutureTask::isDone)); // done: a failure, told below
        for (int i = 1; i < tablesMade; i++) {
            tables.tryEmitNext(generation(i));
        }
        over.set(true);
        int calls = 0;
        for (FutureTask<Integer> client : clients) {
            calls += client.get();
        }

        assertThat(calls).isGreaterThanOrEqualTo(threads * 1000);
        assertThat(seen.values().stream().mapToInt(AtomicInteger::get).sum()).isEqualTo(calls);
        assertThat(seen.keySet()).anyMatch(answer -> answer.endsWith(" of " + (tablesMade - 1)));
        assertThat(text(router, Requests.get("h", "/p0")).block()).isEqualTo("p0 of " + (tablesMade - 1));
        assertThat(text(router, Requests.get("h", "/p1")).block()).isEqualTo("p1 of " + (tablesMade - 1));
        assertThat(cache.stats().size()).isLessThanOrEqualTo(8);
    }

    private static RouteTable<String> generation(int number) {
        return RouteTable.<String>builder()
                .add(Route.of("p0", "p0 of " + number).withPath("/p0"))
                .add(Route.of("p1", "p1 of " + number).withPath("/p1"))
                .build();
    }
}
