package io.headgate.health;

import io.headgate.ServiceFactory;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Asks an endpoint with a GET: it is well when it answers with an expected status, to the last byte. Up to 64 KiB of the body are read
 * and dropped, so that the connection serves the next check as well.
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class HttpCheck implements HealthCheck {

    private final ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients;
    private final String path;
    private final @Nullable String host;
    private final int first;
    private final int last;

    private HttpCheck(
            ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients,
            String path,
            @Nullable String host,
            int first,
            int last) {
        this.clients = clients;
        this.path = path;
        this.host = host;
        this.first = first;
        this.last = last;
    }

    /**
     * Asks for {@code /} and expects 200 to 299.
     *
     * @param clients makes a client for each endpoint, which is closed when the endpoint leaves
     * @return the check
     */
    public static HttpCheck of(ServiceFactory<? super Endpoint, HttpExchange, HttpReply> clients) {
        return new HttpCheck(Objects.requireNonNull(clients, "clients"), "/", null, 200, 299);
    }

    /**
     * A copy that asks for something else.
     *
     * @param changed path and query
     * @return the copy
     */
    public HttpCheck withPath(String changed) {
        RequestHead.of("GET", "a", changed); // complains of what is none
        return new HttpCheck(clients, changed, host, first, last);
    }

    /**
     * A copy that asks another host.
     *
     * @param changed host and optional port for Host or {@code :authority}, instead of the authority or the address of the endpoint
     * @return the copy
     */
    public HttpCheck withHost(String changed) {
        RequestHead.of("GET", changed, "/");
        return new HttpCheck(clients, path, changed, first, last);
    }

    /**
     * A copy that expects other statuses.
     *
     * @param least the first that is well
     * @param most the last that is well
     * @return the copy
     */
    public HttpCheck withStatuses(int least, int most) {
        if (least < 200 || most < least || most > 599) {
            throw new IllegalArgumentException("statuses: " + least + ".." + most + " (expected: within 200..599)");
        }
        return new HttpCheck(clients, path, host, least, most);
    }

    @Override
    public Mono<Health> check(Endpoint endpoint) {
        return Mono.using(() -> open(endpoint), EndpointCheck::check, EndpointCheck::close);
    }

    @Override
    public EndpointCheck open(Endpoint endpoint) {
        RequestHead head = ClientCheck.head("GET", endpoint, host, path, Fields.of("user-agent", "headgate-health"));
        return new ClientCheck(clients, endpoint, () -> HttpExchange.of(head, Body.empty()), this::judge);
    }

    private Mono<Health> judge(HttpReply reply) {
        int status = reply.status();
        Health health = status >= first && status <= last
                ? Health.HEALTHY
                : Health.unhealthy("status: " + status + " (expected: " + first + ".." + last + ")");
        return ClientCheck.read(reply).thenReturn(health);
    }
}
