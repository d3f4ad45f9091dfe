package io.headgate.ratelimit;

import io.headgate.Key;
import io.headgate.forward.Client;
import io.headgate.http.HttpExchange;
import io.headgate.http.PeerIdentity;
import io.headgate.http.TlsInfo;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whom a limit counts together. Keys are compared by {@code equals}; a key that is read by a {@link RateLimitStore}
 * is known there by its {@code toString}. Called on the thread that subscribes the call; must not block.
 */
@FunctionalInterface
public interface RateKey {

    /**
     * The key of an exchange.
     *
     * @param exchange the exchange, to be looked at only
     * @return the key, or null when the limit is not about this exchange
     */
    @Nullable Object of(HttpExchange exchange);

    /**
     * All exchanges together.
     *
     * @return the same key for all
     */
    static RateKey all() {
        return exchange -> "all";
    }

    /**
     * Each client by its address, as {@link Client#of} knows it: behind other proxies the stage
     * {@link io.headgate.forward.Forwarded} has to stand above. IPv6 clients are counted by their network of 64 bits,
     * because whoever has one address has all of these. Those without an address, in this process or on a Unix
     * socket, are counted together.
     *
     * @return the address or network
     */
    static RateKey client() {
        return exchange -> {
            InetAddress address = Client.of(exchange).address();
            return address == null ? "local" : ClientNetwork.of(address);
        };
    }

    /**
     * Each client by the certificate that it showed: its SPIFFE identity, or else its subject. Those who showed none
     * are counted by {@link #client()}.
     *
     * @return the identity or address
     */
    static RateKey identity() {
        RateKey address = client();
        return exchange -> {
            TlsInfo tls = exchange.connection().tls();
            PeerIdentity peer = tls == null ? null : tls.peer();
            if (peer == null) {
                return address.of(exchange);
            }
            String spiffe = peer.spiffeId();
            return spiffe == null ? peer.subject() : spiffe;
        };
    }

    /**
     * Each value of a header field, for example of {@code x-api-key}. Whoever sends another value each time gets a
     * new key each time, so a field that nobody has checked needs a limit by {@link #client()} beside it. Requests
     * without the field are counted together; of several fields of the name the first counts. Long values are kept as
     * their SHA-256.
     *
     * @param name the name of the field
     * @return the value
     */
    static RateKey header(String name) {
        Objects.requireNonNull(name, "name");
        return exchange -> {
            int at = exchange.head().fields().indexOf(name, 0);
            return at < 0
                    ? ""
                    : Digest.ofLong(exchange.head().fields().value(at).toString());
        };
    }

    /**
     * What an earlier stage left: a route, a tenant, a user.
     *
     * @param key under which it left that; an exchange without it is not counted
     * @return the value
     */
    static RateKey attribute(Key<?> key) {
        Objects.requireNonNull(key, "key");
        return exchange -> exchange.attributes().get(key);
    }
}
