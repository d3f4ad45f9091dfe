package io.headgate.accesslog;

import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.ReplyHead;
import io.headgate.profile.RouteLabels;
import io.headgate.trace.RequestId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An object of JSON for each exchange, in ASCII. These are its fields, in this order; one that is not known is left out.
 *
 * <table>
 * <caption>Fields</caption>
 * <tr><th>Field</th><th>What it is</th></tr>
 * <tr><td>{@code time}</td><td>when the head of the request had been read: ISO 8601, UTC, with milliseconds</td></tr>
 * <tr><td>{@code client_address}, {@code client_port}</td><td>the other end of the connection</td></tr>
 * <tr><td>{@code forwarded_client}</td><td>the client before trusted proxies, if {@link io.headgate.forward.Forwarded} was passed</td></tr>
 * <tr><td>{@code method}, {@code scheme}, {@code authority}, {@code path}, {@code query}</td><td>of the request, as it came</td></tr>
 * <tr><td>{@code version}</td><td>of HTTP: {@code 1.0}, {@code 1.1} or {@code 2}</td></tr>
 * <tr><td>{@code status}</td><td>of the reply</td></tr>
 * <tr><td>{@code outcome}</td><td>{@code complete}, {@code failed}, {@code cancelled} or {@code rejected}</td></tr>
 * <tr><td>{@code classification}</td><td>{@code success} or {@code failure}, as {@link Classifier#judge} has it</td></tr>
 * <tr><td>{@code grpc_status}</td><td>a number</td></tr>
 * <tr><td>{@code error}</td><td>why there was no whole reply, one of few words: {@link Classifier#ofFailure}</td></tr>
 * <tr><td>{@code cause}</td><td>the same in detail</td></tr>
 * <tr><td>{@code request_bytes}, {@code response_bytes}</td><td>of the bodies</td></tr>
 * <tr><td>{@code duration_ms}, {@code head_ms}</td><td>from the head of the request to the end, and to the head of the reply</td></tr>
 * <tr><td>{@code route}, {@code route_labels}</td><td>the name of the {@link io.headgate.route.Route}; the {@link RouteLabels}, an object</td></tr>
 * <tr><td>{@code endpoint}</td><td>the last that was tried, {@code address:port}</td></tr>
 * <tr><td>{@code request_id}</td><td>what the stage {@link RequestId} gave</td></tr>
 * <tr><td>{@code tls_version}, {@code tls_identity}</td><td>of the connection; SPIFFE identity or subject of a client certificate</td></tr>
 * <tr><td>{@code user_agent}, {@code referer}</td><td>header fields of the request</td></tr>
 * </table>
 *
 * A line that tells of dropped ones has {@code time} and {@code dropped}. Immutable; any thread may use it.
 */
public final class JsonFormat implements AccessFormat {

    static final JsonFormat STANDARD = new JsonFormat(List.of(
            new Field("time", (line, name, exchange) -> line.time(name, exchange.startMillis())),
            text("client_address", Facts::peer),
            new Field("client_port", (line, name, exchange) -> known(line, name, Facts.peerPort(exchange))),
            text("forwarded_client", Facts::forwardedClient),
            text("method", exchange -> exchange.exchange().head().method()),
            text("scheme", exchange -> exchange.exchange().head().scheme()),
            text("authority", exchange -> exchange.exchange().head().authority()),
            text("path", exchange -> exchange.exchange().head().path()),
            new Field("query", JsonFormat::query),
            text("version", Facts::version),
            new Field("status", JsonFormat::status),
            text("outcome", exchange -> exchange.outcome().name().toLowerCase(Locale.ROOT)),
            text("classification", exchange -> Classifier.judge(exchange).isSuccess() ? "success" : "failure"),
            new Field("grpc_status", (line, name, exchange) -> {
                int status = Classifier.judge(exchange).grpcStatus();
                known(line, name, status == Classification.NO_GRPC_STATUS ? -1 : status);
            }),
            text("error", exchange -> Classifier.judge(exchange).error()),
            text("cause", Facts::cause),
            new Field("request_bytes", (line, name, exchange) -> line.number(name, exchange.requestBytes())),
            new Field("response_bytes", (line, name, exchange) -> line.number(name, exchange.replyBytes())),
            new Field("duration_ms", (line, name, exchange) -> line.millis(name, exchange.durationNanos())),
            new Field("head_ms", (line, name, exchange) -> {
                if (exchange.headAfterNanos() >= 0) {
                    line.millis(name, exchange.headAfterNanos());
                }
            }),
            text("route", Facts::route),
            new Field("route_labels", JsonFormat::routeLabels),
            text("endpoint", Facts::endpoint),
            text("request_id", exchange -> exchange.note(RequestId.KEY)),
            text("tls_version", Facts::tlsVersion),
            text("tls_identity", Facts::tlsIdentity),
            text("user_agent", exchange -> Facts.field(exchange, "user-agent")),
            text("referer", exchange -> Facts.field(exchange, "referer"))));

    /** Writes the value of a field, or nothing. */
    @FunctionalInterface
    private interface Value {
        void write(JsonLine line, String name, ExchangeRecord exchange);
    }

    private record Field(String name, Value value) {}

    private final List<Field> fields;

    private JsonFormat(List<Field> fields) {
        this.fields = fields;
    }

    private static Field text(String name, Function<ExchangeRecord, @Nullable CharSequence> value) {
        return new Field(name, (line, field, exchange) -> line.text(field, value.apply(exchange)));
    }

    private static void known(JsonLine line, String name, int value) {
        if (value >= 0) {
            line.number(name, value);
        }
    }

    private static void query(JsonLine line, String name, ExchangeRecord exchange) {
        String query = exchange.exchange().head().query();
        line.text(name, query.isEmpty() ? null : query);
    }

    private static void status(JsonLine line, String name, ExchangeRecord exchange) {
        ReplyHead reply = exchange.reply();
        if (reply != null) {
            line.number(name, reply.status());
        }
    }

    private static void routeLabels(JsonLine line, String name, ExchangeRecord exchange) {
        RouteLabels labels = exchange.note(RouteLabels.KEY);
        if (labels != null) {
            line.map(name, labels.raw());
        }
    }

    /**
     * A copy with one more field, at the end; a field of that name is replaced.
     *
     * <pre>{@code
     * AccessFormat.json().with("tenant", exchange -> exchange.exchange().head().fields().get("x-tenant"))
     * }</pre>
     *
     * @param name of the field
     * @param value tells it: a number, a truth value, a map of such, any other object for its text, or null for no field. Called
     *     where lines are made, not on an event loop
     * @return the copy
     */
    public JsonFormat with(String name, Function<? super ExchangeRecord, ? extends @Nullable Object> value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        List<Field> changed = new ArrayList<>(without(name).fields);
        changed.add(new Field(name, (line, field, exchange) -> line.value(field, value.apply(exchange))));
        return new JsonFormat(List.copyOf(changed));
    }

    /**
     * A copy without some fields, for example a query that may hold secrets.
     *
     * @param names of the fields; others are not looked at
     * @return the copy
     */
    public JsonFormat without(String... names) {
        Set<String> left = Set.of(names);
        return new JsonFormat(
                fields.stream().filter(field -> !left.contains(field.name)).toList());
    }

    /**
     * The names of its fields.
     *
     * @return in the order in which they are written
     */
    public List<String> names() {
        return fields.stream().map(Field::name).toList();
    }

    @Override
    public void format(ExchangeRecord exchange, StringBuilder line) {
        JsonLine object = new JsonLine(line);
        for (Field field : fields) {
            field.value.write(object, field.name, exchange);
        }
        object.end();
    }

    @Override
    public void formatDropped(long lines, StringBuilder line) {
        JsonLine object = new JsonLine(line);
        object.time("time", System.currentTimeMillis());
        object.number("dropped", lines);
        object.end();
    }

    @Override
    public String toString() {
        return fields.stream().map(Field::name).collect(Collectors.joining(", ", "json(", ")"));
    }
}
