package io.headgate.rpc.bridge;

import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import java.time.Duration;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Calls behind HTTP. */
final class ToHttp implements Service<HttpExchange, HttpReply> {

    private final RpcHttpSettings settings;
    private final EndpointPath path;
    private final Service<RpcRequest, RpcReply> rpc;

    ToHttp(RpcHttpSettings settings, EndpointPath path, Service<RpcRequest, RpcReply> rpc) {
        this.settings = settings;
        this.path = path;
        this.rpc = rpc;
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        Direct direct = Direct.of(exchange);
        return direct == null
                ? new FromOutside(exchange)
                : rpc.call(direct.request(exchange, path)).map(Direct::reply);
    }

    private final class FromOutside extends Mono<HttpReply> {

        private final HttpExchange exchange;

        FromOutside(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            HttpSide side;
            try {
                side = HttpSide.of(settings, path, exchange);
            } catch (GatewayException e) {
                exchange.body().discard();
                Operators.error(actual, e);
                return;
            }
            rpc.call(side.request())
                    .onErrorMap(side::failure)
                    .flatMap(side::reply)
                    .subscribe(actual);
        }
    }

    @Override
    public Status status() {
        return rpc.status();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return rpc.closeAsync(grace);
    }

    @Override
    public String describe() {
        return this + "\n" + rpc.describe();
    }

    @Override
    public String toString() {
        return "rpc-behind-http";
    }
}
