package io.headgate.forward;

import io.headgate.Key;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The client as far as it is known: the first peer on the way back that is not one of the trusted proxies.
 *
 * @param address where the request came from, or null when that is not known: the exchange was made in this process, or
 *     came over a Unix socket
 * @param scheme {@code http} or {@code https}: what the client spoke, which TLS that ended at a trusted proxy may have
 *     hidden
 */
public record Client(@Nullable InetAddress address, String scheme) {

    /** Where {@link Forwarded} leaves the client for later stages, and as a {@linkplain ExchangeNotes note}. */
    public static final Key<Client> KEY = Key.of("client");

    /** Checks that the scheme is there. */
    public Client {
        Objects.requireNonNull(scheme, "scheme");
    }

    /**
     * The client of an exchange: what {@link Forwarded} found out, or the peer of the connection where that stage was not
     * passed.
     *
     * @param exchange the exchange
     * @return the client
     */
    public static Client of(HttpExchange exchange) {
        Client known = exchange.attributes().get(KEY);
        return known != null
                ? known
                : new Client(
                        Networks.addressOf(exchange.connection().remoteAddress()),
                        exchange.head().scheme());
    }
}
