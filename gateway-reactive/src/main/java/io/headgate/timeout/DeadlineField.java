package io.headgate.timeout;

import io.headgate.Deadline;
import io.headgate.Layer;
import io.headgate.Stage;
import io.headgate.forward.Networks;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Carries the time that is left from hop to hop in a header field, as whole milliseconds, for plain HTTP. gRPC has a field of its own,
 * which the mux looks after, and is left alone here.
 *
 * <pre>{@code
 * DeadlineField field = DeadlineField.of("x-request-timeout-ms");
 * Stage<HttpExchange, HttpReply> above = field.receive(Networks.of("10.0.0.0/8"));
 * Stage<HttpExchange, HttpReply> below = field.send();
 * }</pre>
 *
 * <p><b>Threading.</b> Any. Immutable.
 */
public final class DeadlineField {

    private static final int MOST_DIGITS = 15;

    private final String name;

    private DeadlineField(String name) {
        this.name = name;
    }

    /**
     * A field.
     *
     * @param name its name, for example {@code x-request-timeout-ms}
     * @return what reads and writes it
     */
    public static DeadlineField of(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("name: empty (expected: the name of a header field)");
        }
        return new DeadlineField(name);
    }

    /**
     * A stage that takes the deadline of requests from the field when their peer is trusted. From all others the field is removed, as
     * is one that cannot be read. The stage belongs above all that looks at the deadline.
     *
     * @param trusted the networks of peers that may set it
     * @return the stage
     */
    public Stage<HttpExchange, HttpReply> receive(Networks trusted) {
        Objects.requireNonNull(trusted, "trusted");
        return next -> new Layer<>("deadline-field", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                String text = exchange.head().fields().get(name);
                return next.call(text == null ? exchange : received(exchange, text, trusted));
            }
        };
    }

    private HttpExchange received(HttpExchange exchange, String text, Networks trusted) {
        HttpExchange without = exchange.withHead(
                exchange.head().withFields(exchange.head().fields().without(name)));
        Duration left = trusted.contains(exchange.connection().remoteAddress()) ? millis(text) : null;
        return left == null ? without : without.withDeadline(Deadline.after(left));
    }

    private static @Nullable Duration millis(String text) {
        if (text.isEmpty() || text.length() > MOST_DIGITS) {
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return null;
            }
        }
        return Duration.ofMillis(Long.parseLong(text));
    }

    /**
     * A stage that tells upstreams how much time is left of the deadline, when there is one. It belongs below retries, so that each
     * attempt says what is left by then.
     *
     * @return the stage
     */
    public Stage<HttpExchange, HttpReply> send() {
        return next -> new Layer<>("deadline-field", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                boolean isSent =
                        !exchange.deadline().isNone() && !exchange.head().isGrpc();
                return next.call(isSent ? sent(exchange) : exchange);
            }
        };
    }

    private HttpExchange sent(HttpExchange exchange) {
        long left =
                Math.max(0, TimeUnit.NANOSECONDS.toMillis(exchange.deadline().remainingNanos()));
        return exchange.withHead(
                exchange.head().withFields(exchange.head().fields().with(name, Long.toString(left))));
    }

    @Override
    public String toString() {
        return name;
    }
}
