package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.mux.UpstreamException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class UpstreamCloseTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final Sinks.One<HttpReply> reply = Sinks.one();
    private final AtomicInteger arrived = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private Gateway gateway;
    private Listener server;

    @BeforeEach
    void start() {
        gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2));
        server = gateway.listen("127.0.0.1", 0, exchange -> {
                    arrived.incrementAndGet();
                    return reply.asMono().doOnCancel(cancelled::incrementAndGet);
                })
                .block();
    }

    @AfterEach
    void stop() {
        gateway.closeAsync().block(LONG);
    }

    private static HttpExchange get() {
        return HttpExchange.of(RequestHead.of("GET", "test.example", "/"), Body.empty());
    }

    private Mono<String> begin(Upstream upstream) {
        Mono<String> call = upstream.call(get())
                .flatMap(answer -> answer.body().asString(100))
                .cache();
        call.subscribe(text -> {}, error -> {});
        await().until(() -> arrived.get() == 1);
        return call;
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void exchangeInFlightFinishesWithinTheGrace(String scheme) {
        Upstream upstream = gateway.upstream(scheme + "://127.0.0.1:" + server.port());
        Mono<String> call = begin(upstream);
        Mono<Void> closing = upstream.closeAsync(LONG).cache();
        closing.subscribe();

        reply.tryEmitValue(HttpReply.text(200, "whole"));

        StepVerifier.create(call).expectNext("whole").expectComplete().verify(LONG);
        StepVerifier.create(closing).expectComplete().verify(LONG);
        assertThat(gateway.stats().backConnections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void exchangeInFlightIsCutAfterTheGrace(String scheme) {
        Upstream upstream = gateway.upstream(scheme + "://127.0.0.1:" + server.port());
        Mono<String> call = begin(upstream);

        StepVerifier.create(upstream.closeAsync(Duration.ZERO)).expectComplete().verify(LONG);

        StepVerifier.create(call).expectError(UpstreamException.class).verify(LONG);
        await().untilAsserted(() -> assertThat(cancelled).hasValue(1));
        assertThat(gateway.stats().backExchanges()).isZero();
        assertThat(gateway.stats().backConnections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "h2c"})
    void callAfterCloseIsRefused(String scheme) {
        Upstream upstream = gateway.upstream(scheme + "://127.0.0.1:" + server.port());

        StepVerifier.create(upstream.closeAsync(LONG)).expectComplete().verify(LONG);

        StepVerifier.create(upstream.call(get()))
                .expectErrorSatisfies(error ->
                        assertThat(((UpstreamException) error).failure()).isEqualTo(UpstreamException.Failure.CONNECT))
                .verify(LONG);
        assertThat(arrived).hasValue(0);
    }
}
