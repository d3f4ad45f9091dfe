package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells what an exchange is for. Pure: it looks at the exchange and at nothing that changes, builds nothing and does not
 * block. Any thread may ask.
 *
 * @param <K> what exchanges are for: the key of a service
 */
@FunctionalInterface
public interface Recognizer<K> {

    /**
     * Looks an exchange up.
     *
     * @param exchange the exchange; its body is not touched
     * @return what it is for, or null when that is not known
     */
    @Nullable Recognized<K> recognize(HttpExchange exchange);

    /**
     * A recognizer that makes the key of the exchange, such as of its authority. Keys that clients can make up are what the
     * bound of a {@link ServiceCache} is for.
     *
     * @param key makes the key, or null when there is none
     * @param <K> the key
     * @return the recognizer
     */
    static <K> Recognizer<K> by(Function<? super HttpExchange, ? extends @Nullable K> key) {
        Objects.requireNonNull(key, "key");
        return exchange -> {
            K known = key.apply(exchange);
            return known == null ? null : new Recognized<>(known, exchange);
        };
    }
}
