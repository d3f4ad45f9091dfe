package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * What goes wrong at once and in masses: upstreams that die under load, clients that do, and requests that are given up at
 * any point. Three gateways stand in a row - the client, the one in question, the upstream - with both protocols on both
 * sides of the middle one, and a line that can be torn between each two.
 */
class ChaosTest {

    private static final long SEED = 20_261_120;
    private static final int CHUNK = 8 * 1024;
    private static final int AT_ONCE = 64;
    private static final int CANCELLED = 10_000;
    private static final int MANY_RESETS = 1_000;
    private static final int LOAD = 3_000;
    private static final int LOAD_BYTES = 128 * 1024;
    private static final Duration HANGS = Duration.ofSeconds(10);
    private static final Duration SETTLED = Duration.ofSeconds(5);
    private static final Duration AT_ONCE_TIME = Duration.ofSeconds(2);
    private static final List<String> PROTOCOLS = List.of("http", "h2c");
    private static final int H1_TO_H2 = 2;
    private static final int H2_TO_H2 = 3;

    private final LeakWatch leaks = new LeakWatch();
    private final Outcomes outcomes = new Outcomes();
    private final Outcomes upstreamOutcomes = new Outcomes();
    private final Gateway upstream = Gateway.create(GatewaySpec.DEFAULTS.withObservers(upstreamOutcomes));
    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withObservers(outcomes));
    private final Gateway client = Gateway.create();
    private final Map<String, Runnable> arrivals = new ConcurrentHashMap<>();
    private Relay upstreamLine;
    private List<Relay> clientLines;
    private List<Upstream> pairs;

    @BeforeEach
    void start() {
        upstreamLine = new Relay(listen(upstream, this::answer));
        clientLines = PROTOCOLS.stream()
                .map(protocol -> gateway.upstream(protocol + "://127.0.0.1:" + upstreamLine.port()))
                .map(service -> new Relay(listen(gateway, service)))
                .toList();
        pairs = clientLines.stream()
                .flatMap(line -> PROTOCOLS.stream().map(protocol -> protocol + "://127.0.0.1:" + line.port()))
                .map(client::upstream)
                .toList();
    }

    @AfterEach
    void stop() {
        clientLines.forEach(Relay::close);
        upstreamLine.close();
        client.closeAsync().block();
        gateway.closeAsync().block();
        upstream.closeAsync().block();
        leaks.close();
    }

    private static int listen(Gateway on, Service<HttpExchange, HttpReply> service) {
        return Objects.requireNonNull(on.listen("127.0.0.1", 0, service).block())
                .port();
    }

    // ---- what is tested

    @Test
    void survivesAnUpstreamThatDiesUnderLoad() throws Exception {
        load(upstreamLine::tear, upstreamLine::mend);

        assertThat(outcomes.of(Outcome.COMPLETE)).as("%s", outcomes).isPositive();
        assertCalm();
    }

    @Test
    void survivesClientsThatDieUnderLoad() throws Exception {
        load(() -> clientLines.forEach(Relay::tear), () -> clientLines.forEach(Relay::mend));

        assertThat(outcomes.of(Outcome.CANCELLED)).as("%s", outcomes).isPositive();
        assertCalm();
    }

    @Test
    void survivesRequestsThatAreGivenUpAtAnyPoint() throws Exception {
        Flux.range(0, CANCELLED)
                .flatMap(
                        index -> {
                            Plan plan = new Plan(index);
                            return plan.run()
                                    .timeout(HANGS)
                                    .onErrorMap(TimeoutException.class, e -> new AssertionError("hangs: " + plan, e));
                        },
                        AT_ONCE)
                .then()
                .block(Duration.ofSeconds(55));

        assertThat(outcomes.of(Outcome.CANCELLED)).as("%s", outcomes).isGreaterThan(CANCELLED / 4);
        assertCalm();
    }

    /** They share one connection to the upstream, which has its limit of resets like any other server. */
    @Test
    void requestsThatAreGivenUpDoNotHurtThoseOfOthers() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        AtomicReference<Object> ended = new AtomicReference<>();
        arrivals.put("other", arrived::countDown);
        Disposable other =
                discarded(pairs.get(H2_TO_H2).call(get("/hold/other"))).subscribe(ended::set, ended::set);
        assertThat(arrived.await(AT_ONCE_TIME.toSeconds(), TimeUnit.SECONDS)).isTrue();

        Flux.range(0, MANY_RESETS)
                .flatMap(index -> giveUp(pairs.get(H1_TO_H2), String.valueOf(index)), AT_ONCE)
                .then()
                .block(HANGS.multipliedBy(3));

        assertThat(ended).as("how the other request ended").hasNullValue();
        other.dispose();
        assertCalm();
    }

    private Mono<Void> giveUp(Upstream service, String name) {
        Sinks.Empty<Void> arrived = Sinks.empty();
        arrivals.put(name, arrived::tryEmitEmpty);
        return Mono.firstWithSignal(
                discarded(service.call(get("/hold/" + name))).then(), arrived.asMono());
    }

    private static Mono<Integer> discarded(Mono<HttpReply> call) {
        return call.doOnNext(HttpReply::discard).map(HttpReply::status);
    }

    private static HttpExchange get(String target) {
        return HttpExchange.of(RequestHead.of("GET", "chaos", target), Body.empty());
    }

    /** Nothing is held any more, each exchange has ended once, and the next requests are served. */
    private void assertCalm() throws InterruptedException {
        for (Gateway each : List.of(client, gateway, upstream)) {
            await().atMost(SETTLED).untilAsserted(() -> assertNoExchanges(each));
        }
        outcomes.assertOneForEachExchange();
        upstreamOutcomes.assertOneForEachExchange();
        for (Upstream pair : pairs) {
            assertThat(download(pair, LOAD_BYTES, false).block(AT_ONCE_TIME)).isEqualTo(LOAD_BYTES);
        }
        client.closeAsync().block();
        await().atMost(SETTLED)
                .untilAsserted(() -> assertThat(gateway.stats().frontConnections())
                        .as("client connections")
                        .isZero());
        leaks.assertNoLeak();
    }

    private void assertNoExchanges(Gateway of) {
        GatewayStats stats = of.stats();
        assertThat(stats.frontExchanges() + stats.backExchanges() + stats.pending())
                .as("%s; outcomes %s", stats, outcomes)
                .isZero();
    }

    // ---- the upstream

    private Mono<HttpReply> answer(HttpExchange exchange) {
        String[] path = exchange.head().path().split("/", -1);
        return switch (path[1]) {
            case "bytes" ->
                Mono.just(
                        bytes(Integer.parseInt(path[2]), exchange.head().query().equals("chunked")));
            case "echo" -> Mono.just(HttpReply.of(200, Fields.empty(), exchange.body()));
            case "sink" -> exchange.body().doOnNext(ByteBuf::release).then(Mono.fromSupplier(() -> HttpReply.of(204)));
            case "deaf" -> {
                exchange.body().discard();
                yield Mono.just(HttpReply.of(200));
            }
            case "hold" ->
                Mono.<HttpReply>never().doOnSubscribe(waiting -> {
                    Runnable arrived = arrivals.remove(path[2]);
                    if (arrived != null) {
                        arrived.run();
                    }
                });
            default -> Mono.just(HttpReply.of(404));
        };
    }

    private static HttpReply bytes(int size, boolean chunked) {
        return HttpReply.of(
                200, Fields.empty(), Body.of(chunks(size), chunked ? Body.UNKNOWN_LENGTH : size, Mono.empty()));
    }

    private static Flux<ByteBuf> chunks(int size) {
        return Flux.range(0, (size + CHUNK - 1) / CHUNK).map(index -> chunk(Math.min(CHUNK, size - index * CHUNK)));
    }

    private static ByteBuf chunk(int size) {
        return ByteBufAllocator.DEFAULT.buffer(size).writeZero(size);
    }

    // ---- load

    /** Three thirds of requests: all well, then torn, then mended. */
    private void load(Runnable tear, Runnable mend) {
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        Queue<String> hanging = new ConcurrentLinkedQueue<>();
        Flux.range(0, LOAD)
                .flatMap(
                        index -> download(pairs.get(index % pairs.size()), LOAD_BYTES, index % 8 > 3)
                                .timeout(HANGS)
                                .onErrorResume(error -> {
                                    failed.incrementAndGet();
                                    if (error instanceof TimeoutException) {
                                        hanging.add("request " + index);
                                    }
                                    return Mono.empty();
                                })
                                .doFinally(how -> {
                                    int count = ended.incrementAndGet();
                                    if (count == LOAD / 3) {
                                        Schedulers.boundedElastic().schedule(tear);
                                    } else if (count == LOAD * 2 / 3) {
                                        Schedulers.boundedElastic().schedule(mend);
                                    }
                                }),
                        AT_ONCE)
                .then()
                .block(Duration.ofSeconds(55));
        assertThat(hanging).isEmpty();
        assertThat(failed).as("requests that failed").hasPositiveValue();
    }

    /** The number of bytes of a reply with status 200. */
    private static Mono<Integer> download(Upstream pair, int size, boolean chunked) {
        String target = "/bytes/" + size + (chunked ? "?chunked" : "");
        return pair.call(get(target))
                .flatMap(reply -> reply.body()
                        .map(ChaosTest::releasedBytes)
                        .reduce(0, Integer::sum)
                        .filter(any -> reply.status() == 200)
                        .switchIfEmpty(Mono.error(() -> new IOException("status " + reply.status()))));
    }

    private static int releasedBytes(ByteBuf buffer) {
        int bytes = buffer.readableBytes();
        buffer.release();
        return bytes;
    }

    // ---- requests that are given up

    private enum Point {
        /** As soon as it is made. */
        MADE,
        /** When the upstream has seen it. */
        ARRIVED,
        /** While its body goes up. */
        UPLOADING,
        /** With the head of the reply. */
        HEAD,
        /** Within the body of the reply. */
        BODY,
        /** With the last bytes of the reply. */
        END,
        /** Anywhere in its bytes, by a client that knows nothing of Headgate. */
        TORN,
        /** Not at all: there must be connections to reuse. */
        NEVER
    }

    /** What happens to one request; the same for the same index. */
    private final class Plan {

        private final int index;
        private final Random random;
        private final int pair;
        private final Point point;
        private final int size;

        Plan(int index) {
            this.index = index;
            this.random = new Random(SEED + index);
            this.random.nextInt(); // the first one depends little on the seed
            this.pair = random.nextInt(pairs.size());
            this.point = Point.values()[random.nextInt(Point.values().length)];
            this.size = 1 + random.nextInt(random.nextBoolean() ? CHUNK : 32 * CHUNK);
        }

        Mono<Void> run() {
            if (point == Point.TORN) {
                return Mono.<Void>fromRunnable(this::tear).subscribeOn(Schedulers.boundedElastic());
            }
            return Mono.create(done -> {
                Attempt attempt = new Attempt(done);
                if (point == Point.ARRIVED) {
                    arrivals.put(String.valueOf(index), attempt::cancel);
                }
                pairs.get(pair).call(exchange(attempt)).subscribe(attempt);
                if (point == Point.MADE) {
                    attempt.cancel();
                }
            });
        }

        private HttpExchange exchange(Attempt attempt) {
            return switch (point) {
                case ARRIVED -> request("GET", "/hold/" + index, Body.empty());
                case UPLOADING -> {
                    int last = random.nextInt((size + CHUNK - 1) / CHUNK);
                    Flux<ByteBuf> source = chunks(size).index((at, chunk) -> {
                        if (at == last) {
                            attempt.cancel();
                        }
                        return chunk;
                    });
                    yield request("POST", List.of("/echo", "/sink", "/deaf").get(random.nextInt(3)), upload(source));
                }
                default ->
                    random.nextInt(4) == 0
                            ? request("POST", "/echo", upload(chunks(size)))
                            : request("GET", "/bytes/" + size + (random.nextBoolean() ? "?chunked" : ""), Body.empty());
            };
        }

        private Body upload(Flux<ByteBuf> source) {
            return random.nextBoolean() ? Body.of(source) : Body.of(source, size, Mono.empty());
        }

        private HttpExchange request(String method, String target, Body body) {
            return HttpExchange.of(RequestHead.of(method, "chaos", target), body);
        }

        /** How many bytes of the reply are wanted. */
        private int wanted() {
            return switch (point) {
                case BODY -> 1 + random.nextInt(size);
                case END -> size;
                default -> Integer.MAX_VALUE;
            };
        }

        /** Sends some of a request, reads some of its reply and goes away, politely or not. */
        private void tear() {
            byte[] request = ("POST /echo HTTP/1.1\r\nHost: chaos\r\nContent-Length: " + size + "\r\n\r\n"
                            + "x".repeat(size))
                    .getBytes(StandardCharsets.US_ASCII);
            int sent = random.nextInt(request.length + 1);
            int read = random.nextInt(CHUNK);
            try (Socket socket = new Socket(
                    InetAddress.getLoopbackAddress(), clientLines.get(pair / 2).port())) {
                socket.setSoTimeout((int) HANGS.toMillis());
                socket.getOutputStream().write(request, 0, sent);
                if (sent == request.length) {
                    assertThat(socket.getInputStream().readNBytes(Math.min(read, size)))
                            .startsWith("HTTP/1.1 200"
                                    .substring(0, Math.min(read, Math.min(size, 12)))
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                if (random.nextBoolean()) {
                    socket.setSoLinger(true, 0);
                }
            } catch (IOException e) {
                throw new AssertionError(toString(), e);
            }
        }

        @Override
        public String toString() {
            return "request " + index + ", pair " + pair + ", " + size + " bytes, given up: " + point;
        }

        private final class Attempt extends BaseSubscriber<HttpReply> {

            private final MonoSink<Void> done;
            private boolean reading;

            Attempt(MonoSink<Void> done) {
                this.done = done;
            }

            @Override
            protected void hookOnNext(HttpReply reply) {
                if (isDisposed() || point == Point.HEAD) {
                    reply.discard();
                } else {
                    reading = true;
                    reply.body().subscribe(new Reader(done, wanted()));
                }
            }

            @Override
            protected void hookOnError(Throwable error) {
                done.success(); // the connection went down with another of its requests, or this one was too late
            }

            @Override
            protected void hookFinally(SignalType how) {
                if (!reading) {
                    done.success();
                }
            }
        }
    }

    private static final class Reader extends BaseSubscriber<ByteBuf> {

        private final MonoSink<Void> done;
        private int wanted;

        Reader(MonoSink<Void> done, int wanted) {
            this.done = done;
            this.wanted = wanted;
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            wanted -= releasedBytes(buffer);
            if (wanted <= 0) {
                cancel();
            }
        }

        @Override
        protected void hookOnError(Throwable error) {
            done.success();
        }

        @Override
        protected void hookFinally(SignalType how) {
            done.success();
        }
    }
}
