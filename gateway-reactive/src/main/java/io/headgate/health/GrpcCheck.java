package io.headgate.health;

import io.headgate.ServiceFactory;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Asks an endpoint by the <a href="https://github.com/grpc/grpc/blob/master/doc/health-checking.md">health checking protocol</a> of
 * gRPC, {@code grpc.health.v1.Health/Check}: it is well when it answers SERVING with status OK. An endpoint without that service is not
 * well.
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class GrpcCheck implements HealthCheck {

    private static final String METHOD = "/grpc.health.v1.Health/Check";
    private static final Fields FIELDS =
            Fields.of("content-type", "application/grpc", "te", "trailers", "user-agent", "headgate-health");

    private final ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients;
    private final String service;
    private final @Nullable String host;

    private GrpcCheck(
            ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients, String service, @Nullable String host) {
        this.clients = clients;
        this.service = service;
        this.host = host;
    }

    /**
     * Asks for the server as a whole.
     *
     * @param clients makes a client for each endpoint, which should speak HTTP/2; it is closed when the endpoint leaves
     * @return the check
     */
    public static GrpcCheck of(ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients) {
        return new GrpcCheck(Objects.requireNonNull(clients, "clients"), "", null);
    }

    /**
     * A copy that asks for one service.
     *
     * @param changed its name, for example {@code shop.Orders}; empty for the server as a whole
     * @return the copy
     */
    public GrpcCheck withService(String changed) {
        return new GrpcCheck(clients, Objects.requireNonNull(changed, "service"), host);
    }

    /**
     * A copy that asks another host.
     *
     * @param changed host and optional port for {@code :authority}, instead of the authority or the address of the endpoint
     * @return the copy
     */
    public GrpcCheck withHost(String changed) {
        RequestHead.of("POST", changed, METHOD); // complains of what is none
        return new GrpcCheck(clients, service, changed);
    }

    @Override
    public Mono<Health> check(Endpoint endpoint) {
        return Mono.using(() -> open(endpoint), EndpointCheck::check, EndpointCheck::close);
    }

    @Override
    public EndpointCheck open(Endpoint endpoint) {
        RequestHead head = ClientCheck.head("POST", endpoint, host, METHOD, FIELDS);
        byte[] frame = HealthMessages.request(service);
        return new ClientCheck(
                clients,
                endpoint,
                () -> HttpExchange.of(head, Body.of(Unpooled.wrappedBuffer(frame))),
                GrpcCheck::judge);
    }

    private static Mono<Health> judge(HttpReply reply) {
        return ClientCheck.read(reply).defaultIfEmpty(new byte[0]).flatMap(bytes -> {
            if (reply.status() != 200) {
                return Mono.just(Health.unhealthy("status: " + reply.status() + " (expected: 200)"));
            }
            return reply.body()
                    .trailers()
                    .defaultIfEmpty(Fields.empty())
                    .map(trailers -> judge(reply.fields(), trailers, bytes));
        });
    }

    private static Health judge(Fields head, Fields trailers, byte[] bytes) {
        String early = head.get("grpc-status");
        String status = early == null ? trailers.get("grpc-status") : early;
        if (!"0".equals(status)) {
            return Health.unhealthy("grpc-status: " + status + " (expected: 0)");
        }
        int serving = HealthMessages.status(bytes);
        return serving == HealthMessages.SERVING
                ? Health.HEALTHY
                : Health.unhealthy("serving status: " + HealthMessages.name(serving) + " (expected: SERVING)");
    }
}
