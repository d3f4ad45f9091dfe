package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.retry.Retry;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How attempts at upstreams are named and described unless set otherwise: by the HTTP conventions of OpenTelemetry for clients,
 * with {@code gateway.outcome} of our own.
 *
 * <p>A span is named by the method alone. {@code server.address} and {@code server.port} are those of the endpoint, where one is
 * known, else of the authority. {@code http.request.resend_count} says which retry it is.
 *
 * <p>An attempt is an error when it failed, when it is a failure by the classifier of its route, and when the reply is a 4xx,
 * which OpenTelemetry takes for an error of the client. {@code error.type} is as for {@link ExchangeConvention}.
 *
 * <p>Immutable; any thread may ask.
 */
public final class AttemptConvention implements ObservationConvention<AttemptContext> {

    private static final AttemptConvention DEFAULTS = new AttemptConvention(true, false);

    private final boolean url;
    private final boolean query;

    private AttemptConvention(boolean url, boolean query) {
        this.url = url;
        this.query = query;
    }

    /**
     * Tells the URL without its query.
     *
     * @return the convention
     */
    public static AttemptConvention create() {
        return DEFAULTS;
    }

    /**
     * A copy that tells {@code url.full} or not.
     *
     * @param changed whether to; true unless set
     * @return the copy
     */
    public AttemptConvention withUrl(boolean changed) {
        return new AttemptConvention(changed, query);
    }

    /**
     * A copy whose URLs have their query or not. Queries hold secrets now and then.
     *
     * @param changed whether they have; false unless set
     * @return the copy
     */
    public AttemptConvention withQuery(boolean changed) {
        return new AttemptConvention(url, changed);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof AttemptContext;
    }

    @Override
    public String getName() {
        return "http.client.request";
    }

    @Override
    public String getContextualName(AttemptContext context) {
        return Methods.name(context.exchange().head().method());
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(AttemptContext context) {
        RequestHead head = context.exchange().head();
        Endpoint endpoint = context.endpoint();
        Classification verdict = context.classification();
        KeyList keys = new KeyList().method(head);
        if (endpoint != null) {
            keys.add(Keys.SCHEME, endpoint.tls() == null ? "http" : "https")
                    .add(Keys.VERSION, endpoint.protocol() == Protocol.HTTP_2 ? "2" : "1.1")
                    .add(Keys.SERVER_ADDRESS, endpoint.address().getHostString())
                    .add(Keys.SERVER_PORT, Integer.toString(endpoint.address().getPort()));
        }
        if (verdict == null) {
            return keys.build();
        }
        return keys.reply(context.getResponse())
                .grpc(head, verdict)
                .outcome(context.outcome())
                .add(
                        Keys.ERROR,
                        Errors.type(isError(context, verdict), verdict, context.getResponse(), context.cause()))
                .build();
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(AttemptContext context) {
        HttpExchange exchange = context.exchange();
        RequestHead head = exchange.head();
        int attempt = Retry.attempt(exchange);
        KeyList keys = new KeyList()
                .originalMethod(head)
                .add(Keys.FULL, url ? full(head) : null)
                .add(Keys.RESEND_COUNT, attempt > 1 ? Integer.toString(attempt - 1) : null);
        if (context.classification() != null && context.endpoint() == null) {
            keys.server(head);
        }
        return keys.build();
    }

    private String full(RequestHead head) {
        return head.scheme() + "://" + head.authority() + (query ? head.target() : head.path());
    }

    /** To a client what it was refused is an error, too. */
    static boolean isError(AttemptContext context, Classification verdict) {
        ReplyHead reply = context.getResponse();
        boolean refused = context.outcome() == Outcome.COMPLETE && reply != null && reply.status() >= 400;
        return context.cause() != null || verdict.isFailure() || refused;
    }
}
