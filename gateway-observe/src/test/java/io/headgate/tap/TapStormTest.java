package io.headgate.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapMatch.Method;
import io.headgate.tap.TapMatch.Path;
import io.headgate.tap.TapMatch.Text;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A thousand observations on a gateway under load, on real sockets. The leak gate of the build looks at the buffers. */
class TapStormTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int TAPS = 1_000;
    private static final int AT_ONCE = 40;
    private static final int PATHS = 8;

    private final Gateway origin = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2));
    private final Gateway client = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Tap tap = Tap.create();
    private final Random random = new Random(7);

    @AfterEach
    void close() {
        Mono.when(client.closeAsync(), gateway.closeAsync(), origin.closeAsync())
                .block(LONG);
    }

    @Test
    void aThousandObservationsUnderLoadLeaveNothing() {
        Listener behind = origin.listen("127.0.0.1", 0, TapStormTest::answer).block(LONG);
        Service<HttpExchange, HttpReply> upstream = tap.stage(TapPoint.OUTBOUND)
                .wrap(gateway.upstream("http://127.0.0.1:" + behind.port(), "h2c://127.0.0.1:" + behind.port()));
        Listener front = gateway.listen(
                        "127.0.0.1", 0, tap.stage(TapPoint.INBOUND).wrap(upstream))
                .block(LONG);
        AtomicBoolean go = new AtomicBoolean(true);
        AtomicInteger answered = new AtomicInteger();
        Mono<Void> load = Mono.when(
                load(client.upstream("http://127.0.0.1:" + front.port()), go, answered),
                load(client.upstream("h2c://127.0.0.1:" + front.port()), go, answered));
        Mono<List<Observer>> storm = Flux.range(0, TAPS)
                .flatMap(number -> observation(), AT_ONCE)
                .collectList()
                .doFinally(signal -> go.set(false));
        List<Observer> observers =
                Mono.zip(storm, load.thenReturn(true)).map(both -> both.getT1()).block(LONG);

        assertThat(observers).hasSize(TAPS).allSatisfy(TapStormTest::assertConsistent);
        assertThat(observers.stream().filter(Observer::isCompleted).count()).isGreaterThan(TAPS / 10);
        assertThat(answered.get()).isPositive();
        assertThat(tap.stats().taken()).isGreaterThan(TAPS);
        await().untilAsserted(() -> {
            assertThat(tap.stats().observers()).isZero();
            assertThat(tap.stats().openStreams()).isZero();
        });
        assertThat(tap.observations()).isEmpty();
        assertThat(upstream.call(HttpExchange.of(RequestHead.of("GET", "a", "/"), Body.empty())))
                .isNotInstanceOf(TappedCall.class);
        await().untilAsserted(() -> {
            assertThat(gateway.stats().frontExchanges()).isZero();
            assertThat(gateway.stats().backExchanges()).isZero();
        });
    }

    /** One observation with a fate of its own: to its limit, cancelled sooner or later, or stalled and then cancelled. */
    private Mono<Observer> observation() {
        TapMatch match = switch (random.nextInt(4)) {
            case 0 -> TapMatch.EVERYTHING;
            case 1 -> new Method("POST");
            case 2 -> new Path(Text.prefix("/" + random.nextInt(PATHS)));
            default -> TapMatch.all(new Method("GET"), new Path(Text.exact("/0")).negate());
        };
        int limit = 1 + random.nextInt(20);
        TapRequest request = TapRequest.of(limit, match)
                .withQueue(1 + random.nextInt(random.nextBoolean() ? 4 : 400))
                .withHeaders(random.nextBoolean() ? TapHeaders.SHOWN : TapHeaders.NONE)
                .withBodyBytes(random.nextInt(3) == 0 ? 1 + random.nextInt(5_000) : 0)
                .withProbability(random.nextInt(4) == 0 ? 0.3 : 1);
        int fate = random.nextInt(4);
        int demand = 1 + random.nextInt(3 * limit);
        Duration patience = Duration.ofMillis(random.nextInt(100));
        return Mono.create(sink -> {
            Observer observer = Observer.of(tap, request, fate < 2 ? Long.MAX_VALUE : fate == 2 ? demand : 0);
            if (fate == 0) {
                observer.whenOver(() -> sink.success(observer));
            } else {
                Mono.delay(patience).subscribe(tick -> {
                    observer.cancel();
                    sink.success(observer);
                });
            }
        });
    }

    private static void assertConsistent(Observer observer) {
        List<Long> begun = observer.streams(RequestInit.class);
        List<Long> ended = observer.streams(ResponseEnd.class);
        Set<Long> over = new HashSet<>();
        Set<Long> open = new HashSet<>();
        for (TapEvent event : observer.events()) {
            if (event instanceof TapEvent.OfExchange of) {
                long stream = of.id().stream();
                assertThat(over).doesNotContain(stream);
                assertThat(event instanceof RequestInit).isEqualTo(open.add(stream));
                if (event instanceof ResponseEnd) {
                    over.add(stream);
                }
            }
        }
        assertThat(observer.error()).isNull();
        assertThat(begun).doesNotHaveDuplicates().allMatch(stream -> stream < observer.limit());
        assertThat(ended).doesNotHaveDuplicates();
        if (observer.isCompleted()) {
            assertThat(begun).hasSize((int) observer.limit());
            assertThat(ended).hasSize((int) observer.limit());
        }
    }

    /** Requests of all kinds, over and over: with and without a body, read, left alone and left in the middle. */
    private static Mono<Void> load(Service<HttpExchange, HttpReply> service, AtomicBoolean go, AtomicInteger answered) {
        return Flux.range(0, 8)
                .flatMap(lane -> Mono.defer(() -> request(service))
                        .doOnSuccess(done -> answered.incrementAndGet())
                        .onErrorComplete()
                        .repeat(go::get)
                        .then())
                .then();
    }

    private static Mono<Void> request(Service<HttpExchange, HttpReply> service) {
        ThreadLocalRandom dice = ThreadLocalRandom.current();
        String path = "/" + dice.nextInt(PATHS) + "?n=" + dice.nextInt();
        boolean posts = dice.nextInt(4) == 0;
        RequestHead head = RequestHead.of(posts ? "POST" : "GET", "storm", path)
                .withFields(Fields.of("authorization", "secret", "accept", "*/*"));
        Body body = posts ? Body.of(chunks(3, 1_000)) : Body.empty();
        int whim = dice.nextInt(20);
        Mono<Void> call = service.call(HttpExchange.of(head, body)).flatMap(reply -> {
            if (whim == 0) {
                reply.discard();
                return Mono.empty();
            }
            Flux<ByteBuf> read = whim == 1 ? reply.body().take(1) : reply.body();
            return read.doOnNext(ByteBuf::release).then();
        });
        return whim == 2 ? call.timeout(Duration.ofMillis(1), Mono.empty()) : call;
    }

    private static Mono<HttpReply> answer(HttpExchange exchange) {
        int digit = exchange.head().target().charAt(1) - '0';
        Mono<Void> read = exchange.body().doOnNext(ByteBuf::release).then();
        return read.then(Mono.fromSupplier(() -> switch (digit) {
            case 0 -> HttpReply.of(204);
            case 1 -> HttpReply.of(200, Fields.empty(), Body.of(chunks(20, 2_000)));
            case 2 ->
                HttpReply.of(
                        200,
                        Fields.empty(),
                        Body.of(chunks(2, 100).concatWith(Mono.error(new IllegalStateException("cut")))));
            case 3 ->
                HttpReply.of(
                        200,
                        Fields.of("set-cookie", "a=b"),
                        Body.of(chunks(2, 100), Body.UNKNOWN_LENGTH, Mono.just(Fields.of("x-sum", "1"))));
            default -> HttpReply.text(digit == 4 ? 503 : 200, "hello");
        }));
    }

    private static Flux<ByteBuf> chunks(int count, int length) {
        return Flux.range(0, count).map(i -> Unpooled.buffer(length).writeZero(length));
    }
}
