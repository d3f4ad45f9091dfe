package io.headgate.health;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Asks an endpoint over HTTP, by a client of its own that goes with it. */
final class ClientCheck implements EndpointCheck {

    /** More of a body than this is not read; the connection is lost then. */
    private static final int MOST_BYTES = 64 * 1024;

    private final ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients;
    private final Endpoint endpoint;
    private volatile Service<HttpExchange, HttpReply> client;
    private final Supplier<HttpExchange> question;
    private final Function<HttpReply, Mono<Health>> judge;

    /**
     * For one endpoint.
     *
     * @param question makes the exchange of a check
     * @param judge takes the reply; reads or discards its body
     */
    ClientCheck(
            ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients,
            Endpoint endpoint,
            Supplier<HttpExchange> question,
            Function<HttpReply, Mono<Health>> judge) {
        this.clients = clients;
        this.endpoint = endpoint;
        this.client = clients.create(endpoint);
        this.question = question;
        this.judge = judge;
    }

    @Override
    public Mono<Health> check() {
        return Mono.defer(() -> client.call(question.get()))
                .flatMap(judge)
                .doOnError(failed -> renew())
                .doOnDiscard(HttpReply.class, HttpReply::discard);
    }

    /** A client that fails to connect leaves the endpoint alone for longer and longer; the pace of checks is their own. */
    private void renew() {
        close();
        client = clients.create(endpoint);
    }

    @Override
    public void close() {
        client.closeAsync(Duration.ZERO).onErrorComplete().subscribe();
    }

    /** Reads the body to its end, so that the connection can be used again. */
    static Mono<byte[]> read(HttpReply reply) {
        return reply.body().asBytes(MOST_BYTES).onErrorResume(BodyTooLargeException.class, e -> Mono.just(new byte[0]));
    }

    static RequestHead head(String method, Endpoint endpoint, @Nullable String host, String path, Fields fields) {
        String authority = host != null ? host : endpoint.authority();
        return new RequestHead(
                method,
                endpoint.tls() == null ? "http" : "https",
                authority == null ? authority(endpoint.address()) : authority,
                path,
                fields);
    }

    private static String authority(InetSocketAddress address) {
        String host = address.getHostString();
        boolean bracketed = NetUtil.isValidIpV6Address(host) && !host.startsWith("[");
        return (bracketed ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
