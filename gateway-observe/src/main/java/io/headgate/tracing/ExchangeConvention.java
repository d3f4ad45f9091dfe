package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.forward.Client;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.trace.RequestId;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * How exchanges of clients are named and described unless set otherwise: by the HTTP conventions of OpenTelemetry for servers,
 * with {@code gateway.outcome}, {@code gateway.route} and {@code gateway.request_id} of our own.
 *
 * <p>A span is named by method and route: {@code GET /orders/{id}}, and by the method alone where no route was taken or the route
 * is for all paths. What a client makes up is never in a name. What is not known is left out.
 *
 * <p>An exchange is an error when it is a failure by the classifier of its route, so 4xx is none. {@code error.type} is what the
 * classifier calls it, such as {@code timeout}, else the type of the exception, else the gRPC status or that of the reply. One
 * that the client left, and one that was refused, say so in {@code gateway.outcome}.
 *
 * <p>Immutable; any thread may ask.
 */
public final class ExchangeConvention implements ObservationConvention<ExchangeContext> {

    private static final ExchangeConvention DEFAULTS = new ExchangeConvention(true, false, true);

    private final boolean path;
    private final boolean query;
    private final boolean client;

    private ExchangeConvention(boolean path, boolean query, boolean client) {
        this.path = path;
        this.query = query;
        this.client = client;
    }

    /**
     * Tells the path and the client, not the query.
     *
     * @return the convention
     */
    public static ExchangeConvention create() {
        return DEFAULTS;
    }

    /**
     * A copy that tells {@code url.path} or not.
     *
     * @param changed whether to; true unless set
     * @return the copy
     */
    public ExchangeConvention withPath(boolean changed) {
        return new ExchangeConvention(changed, query, client);
    }

    /**
     * A copy that tells {@code url.query} or not. Queries hold secrets now and then.
     *
     * @param changed whether to; false unless set
     * @return the copy
     */
    public ExchangeConvention withQuery(boolean changed) {
        return new ExchangeConvention(path, changed, client);
    }

    /**
     * A copy that tells {@code client.address} or not: the peer of the connection, or the client that
     * {@link io.headgate.forward.Forwarded} has found behind it.
     *
     * @param changed whether to; true unless set
     * @return the copy
     */
    public ExchangeConvention withClient(boolean changed) {
        return new ExchangeConvention(path, query, changed);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof ExchangeContext;
    }

    @Override
    public String getName() {
        return "http.server.request";
    }

    @Override
    public String getContextualName(ExchangeContext context) {
        HttpExchange exchange = context.exchange();
        String method = Methods.name(exchange.head().method());
        String route = RouteNames.template(exchange);
        return route == null ? method : method + " " + route;
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(ExchangeContext context) {
        HttpExchange exchange = context.exchange();
        RequestHead head = exchange.head();
        Classification verdict = context.classification();
        ExchangeRecord record = context.record();
        KeyList keys = new KeyList()
                .method(head)
                .add(Keys.SCHEME, head.scheme())
                .add(Keys.VERSION, version(exchange.connection().version()));
        if (record == null || verdict == null) {
            return keys.build();
        }
        return keys.add(Keys.ROUTE, RouteNames.template(exchange))
                .add(Keys.ROUTE_NAME, RouteNames.name(exchange))
                .reply(record.reply())
                .grpc(head, verdict)
                .outcome(record.outcome())
                .add(Keys.ERROR, Errors.type(verdict.isFailure(), verdict, record.reply(), record.cause()))
                .build();
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(ExchangeContext context) {
        HttpExchange exchange = context.exchange();
        RequestHead head = exchange.head();
        if (context.record() != null) {
            Client found = ExchangeNotes.of(exchange, Client.KEY);
            return new KeyList()
                    .add(Keys.REQUEST_ID, ExchangeNotes.of(exchange, RequestId.KEY))
                    .add(Keys.CLIENT_ADDRESS, client && found != null ? address(found) : null)
                    .build();
        }
        return new KeyList()
                .originalMethod(head)
                .server(head)
                .add(Keys.CLIENT_ADDRESS, client ? address(Client.of(exchange)) : null)
                .add(Keys.USER_AGENT, head.fields().get("user-agent"))
                .add(Keys.PATH, path ? head.path() : null)
                .add(Keys.QUERY, query && !head.query().isEmpty() ? head.query() : null)
                .build();
    }

    private static @Nullable String address(Client known) {
        InetAddress address = known.address();
        return address == null ? null : address.getHostAddress();
    }

    /** The version as OpenTelemetry writes it. */
    static String version(HttpVersion version) {
        return switch (version) {
            case HTTP_1_0 -> "1.0";
            case HTTP_1_1 -> "1.1";
            case HTTP_2 -> "2";
        };
    }
}
