package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Draws lots for routes that share traffic. One draw decides for all routes of a group. Any thread may ask. */
@FunctionalInterface
public interface Draw {

    /**
     * Draws.
     *
     * @param exchange whom it is for
     * @param group the group
     * @return 0 or more, below 1
     */
    double draw(HttpExchange exchange, String group);

    /**
     * Chance, anew for each lookup.
     *
     * @return the draw
     */
    static Draw random() {
        return (exchange, group) -> ThreadLocalRandom.current().nextDouble();
    }

    /**
     * The same lot for exchanges that have something in common, such as a cookie of a session: they go the same way for as
     * long as the weights are the same, and few of them go another way when weights change a little.
     *
     * @param identity what they have in common, or null when that is not known, which leaves it to chance
     * @return the draw
     */
    static Draw sticky(Function<? super HttpExchange, @Nullable String> identity) {
        Objects.requireNonNull(identity, "identity");
        return (exchange, group) -> {
            String known = identity.apply(exchange);
            return known == null
                    ? ThreadLocalRandom.current().nextDouble()
                    : Lots.unit(known.hashCode() * 31L + group.hashCode());
        };
    }
}
