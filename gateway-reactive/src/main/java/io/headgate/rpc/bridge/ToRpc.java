package io.headgate.rpc.bridge;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Services of HTTP behind calls, as far as they keep elements what they are. */
final class ToRpc implements Service<RpcRequest, RpcReply> {

    private final RpcHttpSettings settings;
    private final EndpointPath path;
    private final Service<HttpExchange, HttpReply> http;

    ToRpc(RpcHttpSettings settings, EndpointPath path, Service<HttpExchange, HttpReply> http) {
        this.settings = settings;
        this.path = path;
        this.http = http;
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        Body body = request.body();
        return http.call(Direct.exchange(request, path, settings.authority()))
                .map(reply -> reply(request, reply))
                .doOnCancel(
                        body::discard) // what no stage has touched is left to the connection, which there is none here
                .onErrorMap(error -> {
                    body.discard();
                    return Failures.toRpc(request.endpoint(), error);
                });
    }

    private static RpcReply reply(RpcRequest request, HttpReply http) {
        RpcReply reply = Direct.reply(request, http);
        Body body = reply.body();
        return body.isEmpty()
                ? reply
                : reply.withBody(new SeenBody(
                        body,
                        body.onErrorMap(error -> Failures.toRpc(request.endpoint(), error)),
                        body.length(),
                        body.trailers()));
    }

    @Override
    public Status status() {
        return http.status();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return http.closeAsync(grace);
    }

    @Override
    public String describe() {
        return this + "\n" + http.describe();
    }

    @Override
    public String toString() {
        return "http-behind-rpc";
    }
}
