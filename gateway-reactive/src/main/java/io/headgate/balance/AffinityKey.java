package io.headgate.balance;

import io.headgate.balance.internal.Hashes;
import io.headgate.forward.Client;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What exchanges must have in common to go to the same endpoint. Any thread may ask; all but {@link Custom} allocate nothing.
 */
public sealed interface AffinityKey {

    /**
     * The value of a header field, the first if there are several.
     *
     * @param name its name
     */
    record Header(String name) implements AffinityKey {

        /** Checks that there is a name. */
        public Header {
            notBlank("header", name);
        }

        @Override
        public long hash(HttpExchange exchange) {
            Fields fields = exchange.head().fields();
            int at = fields.indexOf(name, 0);
            return at < 0 ? Hashes.NONE : Hashes.of(fields.value(at));
        }
    }

    /**
     * The value of a cookie that the client sends. The balancer sets no cookies.
     *
     * @param name its name
     */
    record Cookie(String name) implements AffinityKey {

        /** Checks that there is a name. */
        public Cookie {
            notBlank("cookie", name);
        }

        @Override
        public long hash(HttpExchange exchange) {
            Fields fields = exchange.head().fields();
            for (int at = fields.indexOf("cookie", 0); at >= 0; at = fields.indexOf("cookie", at + 1)) {
                long hash = CookieValue.hash(fields.value(at), name);
                if (hash != Hashes.NONE) {
                    return hash;
                }
            }
            return Hashes.NONE;
        }
    }

    /**
     * The address of the client: what {@link io.headgate.forward.Forwarded} has found out, else that of the connection.
     */
    record ClientAddress() implements AffinityKey {

        @Override
        public long hash(HttpExchange exchange) {
            Client client = exchange.attributes().get(Client.KEY);
            InetAddress address = client == null ? null : client.address();
            if (address == null && exchange.connection().remoteAddress() instanceof InetSocketAddress peer) {
                address = peer.getAddress();
            }
            return address == null ? Hashes.NONE : Hashes.mix(address.hashCode()); // of the bytes of the address
        }
    }

    /**
     * Anything else.
     *
     * @param key makes the key of an exchange, or null when it has none; must not block
     */
    record Custom(Function<? super HttpExchange, ? extends @Nullable CharSequence> key) implements AffinityKey {

        /** Checks that there is a function. */
        public Custom {
            Objects.requireNonNull(key, "key");
        }

        @Override
        public long hash(HttpExchange exchange) {
            CharSequence text = key.apply(exchange);
            return text == null ? Hashes.NONE : Hashes.of(text);
        }
    }

    /**
     * The hash of the key of an exchange, the same in every process.
     *
     * @param exchange the exchange
     * @return the hash, or 0 when the exchange has no key
     */
    long hash(HttpExchange exchange);

    /**
     * By a header field.
     *
     * @param name its name
     * @return the key
     */
    static AffinityKey header(String name) {
        return new Header(name);
    }

    /**
     * By a cookie.
     *
     * @param name its name
     * @return the key
     */
    static AffinityKey cookie(String name) {
        return new Cookie(name);
    }

    /**
     * By the address of the client.
     *
     * @return the key
     */
    static AffinityKey clientAddress() {
        return new ClientAddress();
    }

    private static void notBlank(String kind, String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(kind + ": '" + name + "' (expected: a name)");
        }
    }
}
