package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.Objects;

/**
 * What an exchange was recognised as.
 *
 * @param key what it is for
 * @param exchange the exchange to go on with: the one that was looked up, or a copy with what was learnt of it
 * @param <K> the key
 */
public record Recognized<K>(K key, HttpExchange exchange) {

    /** Checks the parts. */
    public Recognized {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(exchange, "exchange");
    }
}
