package io.headgate.rewrite;

import io.headgate.GatewayException;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.forward.Client;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Sends clients to another place (RFC 9110 section 15.4). What is not changed is taken from the request, the query always; a
 * request that is in the right place already passes, so no redirect leads to itself.
 *
 * <p>The host is that of the request, which the mux has checked for its form, unless it is {@linkplain #withHost set}. A
 * gateway that answers to any name sends a client to any name: put this below what picks hosts, or set the host. The scheme
 * of the request is that of its {@link Client}, so TLS may end at a proxy in front that
 * {@link io.headgate.forward.Forwarded} trusts.
 *
 * <p>Immutable; each {@code with} method returns a copy. The body of a redirected request is left to the connection.
 *
 * <p><b>Errors.</b> {@link RefusedException}, 400, when an edit makes something that is not a path.
 */
public final class Redirect implements Stage<HttpExchange, HttpReply> {

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final int status;
    private final @Nullable String scheme;
    private final @Nullable String host;
    private final int port; // 0 for none of its own
    private final UnaryOperator<String> path;

    private Redirect(int status, @Nullable String scheme, @Nullable String host, int port, UnaryOperator<String> path) {
        this.status = status;
        this.scheme = scheme;
        this.host = host;
        this.port = port;
        this.path = path;
    }

    /**
     * A redirect that changes nothing yet.
     *
     * @param status 308 or 307 to have the same request made elsewhere, for good or for now; 301 or 302 for the same with
     *     clients that may make a GET of a POST
     * @return the stage
     */
    public static Redirect of(int status) {
        if (status != 301 && status != 302 && status != 307 && status != 308) {
            throw new IllegalArgumentException("status: " + status + " (expected: 301, 302, 307 or 308)");
        }
        return new Redirect(status, null, null, 0, UnaryOperator.identity());
    }

    /**
     * Sends clients of cleartext HTTP to the same place over TLS, for good, on the standard port.
     *
     * @return the stage, with status 308
     */
    public static Redirect toHttps() {
        return of(308).withScheme("https").withPort(HTTPS_PORT);
    }

    /**
     * A copy that changes the scheme; with it the port becomes the standard one unless it is set.
     *
     * @param changed {@code http} or {@code https}
     * @return the copy
     */
    public Redirect withScheme(String changed) {
        if (!changed.equals("http") && !changed.equals("https")) {
            throw new IllegalArgumentException("scheme: " + changed + " (expected: http or https)");
        }
        return new Redirect(status, changed, host, port, path);
    }

    /**
     * A copy that changes the host; with it the port becomes the standard one unless it is set.
     *
     * @param changed a name or an address, without a port
     * @return the copy
     */
    public Redirect withHost(String changed) {
        Rewrite.checkAuthority(changed);
        if (changed.lastIndexOf(':') > changed.lastIndexOf(']')) {
            throw new IllegalArgumentException("host: " + changed + " (expected: no port; see withPort)");
        }
        return new Redirect(status, scheme, changed, port, path);
    }

    /**
     * A copy that changes the port.
     *
     * @param changed 1 to 65535; the standard port of the scheme is not written
     * @return the copy
     */
    public Redirect withPort(int changed) {
        if (changed < 1 || changed > 65535) {
            throw new IllegalArgumentException("port: " + changed + " (expected: 1..65535)");
        }
        return new Redirect(status, scheme, host, changed, path);
    }

    /**
     * A copy that changes the path.
     *
     * @param changed such as one of {@link PathEdit}; called once per request with the path without the query
     * @return the copy
     */
    public Redirect withPath(UnaryOperator<String> changed) {
        return new Redirect(status, scheme, host, port, Objects.requireNonNull(changed, "changed"));
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("redirect", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                String location;
                try {
                    location = location(exchange);
                } catch (GatewayException e) {
                    return Mono.error(e);
                }
                return location == null
                        ? next.call(exchange)
                        : Mono.just(HttpReply.of(status, Fields.of("location", location), Body.empty()));
            }
        };
    }

    /** Where to, or null when the request is there already. */
    private @Nullable String location(HttpExchange exchange) {
        RequestHead head = exchange.head();
        if (!head.target().startsWith("/")) {
            return null;
        }
        String from = Client.of(exchange).scheme();
        String to = scheme == null ? from : scheme;
        String authority = authority(head, from, to);
        RequestHead moved = Heads.withPath(head, path.apply(head.path()));
        boolean same = to.equals(from)
                && moved.target().equals(head.target())
                && authority.equalsIgnoreCase(plain(head.authority(), from));
        if (same) {
            return null;
        }
        Heads.checkAuthority(authority);
        return to + "://" + authority + moved.target();
    }

    private String authority(RequestHead head, String from, String to) {
        String authority = head.authority();
        int colon = colon(authority);
        String name = host != null ? host : authority.substring(0, colon);
        if (port != 0) {
            return name + (port == standardPort(to) ? "" : ":" + port);
        }
        boolean keepsPort = host == null && to.equals(from);
        return keepsPort ? plain(authority, from) : name;
    }

    /** Without a port that says nothing. */
    private static String plain(String authority, String scheme) {
        int colon = colon(authority);
        String port = authority.substring(Math.min(colon + 1, authority.length()));
        return port.isEmpty() || port.equals(Integer.toString(standardPort(scheme)))
                ? authority.substring(0, colon)
                : authority;
    }

    private static int colon(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }

    private static int standardPort(String scheme) {
        return scheme.equals("https") ? HTTPS_PORT : HTTP_PORT;
    }
}
