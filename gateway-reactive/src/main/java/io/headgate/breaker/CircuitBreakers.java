package io.headgate.breaker;

import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The circuit breakers of a set of endpoints, one for each while it is there: for who wants to see them all. An endpoint
 * is forgotten when its service is closed.
 *
 * <pre>{@code
 * CircuitBreakers breakers = CircuitBreakers.of(CircuitBreaker::create);
 * stack.pushFor(Role.of("breaker"), "above the endpoint alone: it judges attempts", breakers::stageFor);
 * }</pre>
 *
 * <p><b>Threading.</b> Any. Costs calls nothing beside the breaker itself.
 */
public final class CircuitBreakers {

    private final Supplier<CircuitBreaker> maker;
    private final Map<Object, CircuitBreaker> breakers = new ConcurrentHashMap<>();

    private CircuitBreakers(Supplier<CircuitBreaker> maker) {
        this.maker = maker;
    }

    /**
     * Breakers of no endpoints yet.
     *
     * @param maker makes the breaker of an endpoint
     * @return the set
     */
    public static CircuitBreakers of(Supplier<CircuitBreaker> maker) {
        return new CircuitBreakers(Objects.requireNonNull(maker, "maker"));
    }

    /**
     * The stage of one endpoint: a breaker of its own for each service that it wraps.
     *
     * @param endpoint what {@link #stats} calls it; of two equal ones the later one is shown
     * @return the stage
     */
    public Stage<HttpExchange, HttpReply> stageFor(Object endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        return next -> {
            CircuitBreaker breaker = maker.get();
            Service<HttpExchange, HttpReply> guarded = breaker.wrap(next, () -> breakers.remove(endpoint, breaker));
            if (guarded != next) { // else it is off
                breakers.put(endpoint, breaker);
            }
            return guarded;
        };
    }

    /**
     * How the breakers are and what they have done.
     *
     * @return a snapshot, by endpoint
     */
    public Map<Object, BreakerStats> stats() {
        return breakers.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> entry.getValue().stats()));
    }
}
