package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.samples.conformance.Attacker.Kind;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Fifty attackers of nine kinds against a gateway with little memory, and one client that means well. Times are printed, not
 * judged: {@code mvn -pl samples -am verify -Dtest=AttackTest -Dsurefire.failIfNoSpecifiedTests=false} on a machine that has
 * nothing else to do tells what the attack costs the others.
 */
class AttackTest {

    private static final long MEMORY = 128L << 20;
    private static final int ATTACKERS = 50;
    private static final int QUIET_CALLS = 2000;
    private static final int BIG = 32 * 1024;
    private static final int HUGE_CHUNKS = 1024;
    private static final Duration CALL = Duration.ofSeconds(10);

    private final Gateway upstream = Gateway.create();
    private final Gateway client = Gateway.create();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
        client.closeAsync().block();
        upstream.closeAsync().block();
    }

    @Test
    void attackersAreCutAndOthersAreServed() throws Exception {
        int port = Objects.requireNonNull(
                        upstream.listen("127.0.0.1", 0, AttackTest::answer).block())
                .port();
        try (GatewayProcess gateway = GatewayProcess.start(
                MEMORY, "http://127.0.0.1:" + port, "--request-head-timeout", "2s", "--progress-timeout", "2s")) {
            Upstream good = client.upstream("h2c://127.0.0.1:" + gateway.port());
            serve(good, QUIET_CALLS); // warm
            long quiet = p99(serve(good, QUIET_CALLS));

            List<Future<String>> attacks = attack(gateway.port());
            List<Long> times = new ArrayList<>();
            while (!attacks.stream().allMatch(Future::isDone)) {
                times.addAll(serve(good, 50));
            }

            for (int i = 0; i < ATTACKERS; i++) {
                Kind kind = Kind.values()[i % Kind.values().length];
                assertThat(attacks.get(i).get(1, TimeUnit.SECONDS))
                        .as("%s", kind)
                        .isEqualTo(kind.end);
            }
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(exchanges(upstream.stats()))
                            .as("%s", upstream.stats())
                            .isZero());
            serve(good, QUIET_CALLS);
            gateway.assertGoodEnd();
            System.out.printf(
                    Locale.ROOT,
                    "%d attackers: p99 of a good client %.2f ms quiet, %.2f ms under attack (%d requests), %s%n",
                    ATTACKERS,
                    quiet / 1e6,
                    p99(times) / 1e6,
                    times.size(),
                    gateway.peakMemory());
        }
    }

    private List<Future<String>> attack(int port) throws Exception {
        List<Future<String>> attacks = new ArrayList<>();
        for (int i = 0; i < ATTACKERS; i++) {
            attacks.add(threads.submit(new Attacker(Kind.values()[i % Kind.values().length], port)));
        }
        return attacks;
    }

    private static long exchanges(GatewayStats stats) {
        return stats.frontExchanges() + stats.backExchanges() + stats.pending();
    }

    /** Calls one after the other, each of which must succeed; tells how long each took. */
    private static List<Long> serve(Upstream good, int calls) {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            String text = good.call(HttpExchange.of(RequestHead.of("GET", "good", "/"), Body.empty()))
                    .flatMap(reply -> reply.body().asString(100))
                    .block(CALL);
            times.add(System.nanoTime() - start);
            assertThat(text).isEqualTo("fine");
        }
        return times;
    }

    private static long p99(List<Long> times) {
        List<Long> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * 99 / 100));
    }

    private static Mono<HttpReply> answer(HttpExchange exchange) {
        exchange.body().discard();
        return Mono.just(
                switch (exchange.head().target()) {
                    case "/big" -> HttpReply.of(200, Fields.empty(), zeros(1));
                    case "/huge" -> HttpReply.of(200, Fields.empty(), zeros(HUGE_CHUNKS));
                    default -> HttpReply.text(200, "fine");
                });
    }

    private static Body zeros(int chunks) {
        return Body.of(
                Flux.range(0, chunks)
                        .map(index -> ByteBufAllocator.DEFAULT.buffer(BIG).writeZero(BIG)),
                (long) chunks * BIG,
                Mono.empty());
    }
}
