package io.headgate.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.ScriptedService;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import reactor.core.publisher.Mono;

/** A client, a gateway and an upstream that is scripted, with sockets in between. */
final class Wire implements AutoCloseable {

    static final Duration SOON = Duration.ofSeconds(5);

    final ScriptedService script = ScriptedService.create();
    private final Gateway peers = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Gateway gateway;
    private final Upstream client;
    final int upstreamPort;

    Wire(Pair pair, ExchangeObserver.Factory observers, UnaryOperator<Service<HttpExchange, HttpReply>> stages) {
        gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1).withObservers(observers));
        upstreamPort = listen(peers, script);
        int port = listen(gateway, stages.apply(gateway.upstream(pair.back + "://127.0.0.1:" + upstreamPort)));
        client = peers.upstream(pair.front + "://127.0.0.1:" + port);
    }

    private static int listen(Gateway gateway, Service<HttpExchange, HttpReply> service) {
        return gateway.listen("127.0.0.1", 0, service).block(SOON).port();
    }

    /** A request that the upstream has not been told to answer. */
    Mono<HttpReply> get(String target, Fields fields) {
        return client.call(
                HttpExchange.of(new RequestHead("GET", "http", "shop.example:8080", target, fields), Body.empty()));
    }

    Mono<HttpReply> post(String target, Fields fields, Body body) {
        return client.call(HttpExchange.of(new RequestHead("POST", "http", "shop.example", target, fields), body));
    }

    /**
     * Waits for a call of the upstream.
     *
     * @param number 1 for the first
     */
    ScriptedService.Call call(int number) {
        Awaitility.await()
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> script.calls().size() >= number);
        return script.calls().get(number - 1);
    }

    /** What the upstream saw of a request that it answers with a status. */
    Fields answered(Fields fields, int status) {
        int number = script.calls().size() + 1;
        CompletableFuture<HttpReply> reply = get("/orders/7?secret=1", fields).toFuture();
        ScriptedService.Call call = call(number);
        call.reply(HttpReply.text(status, "x"));
        HttpReply got = reply.join();
        assertThat(got.status()).isEqualTo(status);
        got.body().aggregate(1024).block(SOON).release();
        return call.exchange().head().fields();
    }

    GatewayStats stats() {
        return gateway.stats();
    }

    void awaitNoExchanges() {
        Awaitility.await()
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> stats().frontExchanges() == 0 && stats().backExchanges() == 0);
    }

    @Override
    public void close() {
        awaitNoExchanges();
        gateway.closeAsync().block(SOON);
        peers.closeAsync().block(SOON);
    }
}
