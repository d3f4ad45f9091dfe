package io.headgate.metrics;

import io.headgate.classify.Classification;
import io.headgate.http.HttpExchange;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.Skipped;
import io.headgate.rpc.RpcStatus;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stable semantic conventions of OpenTelemetry for HTTP (1.23 and later): {@code http.server.request.duration} and
 * {@code http.client.request.duration} in seconds. What they have no name for is called {@code gateway.*}.
 *
 * <p>{@code error.type} is the error of the {@linkplain io.headgate.classify.Classifier classification} when it has one, else the name
 * of the gRPC status of a failure, else the status of a failure, of 5xx, and on the client side of 4xx. Attributes that do not apply are
 * left out.
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class OtelConvention implements HttpConvention {

    /** Buckets of durations in seconds, as the conventions advise. */
    public static final List<Double> SECONDS =
            List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

    /** Buckets of sizes in bytes, from 128 B to 16 MiB by eight; the conventions advise none. */
    public static final List<Double> BYTES =
            List.of(128.0, 1_024.0, 8_192.0, 65_536.0, 524_288.0, 4_194_304.0, 16_777_216.0);

    /** The stable attributes, no sizes. */
    public static final OtelConvention DEFAULTS = new OtelConvention(SECONDS, false, false);

    private final List<Double> buckets;
    private final boolean hasServerAddress;
    private final boolean hasSizes;

    private OtelConvention(List<Double> buckets, boolean hasServerAddress, boolean hasSizes) {
        this.buckets = buckets;
        this.hasServerAddress = hasServerAddress;
        this.hasSizes = hasSizes;
    }

    /**
     * A copy with other buckets of durations.
     *
     * @param seconds their upper bounds, ascending
     * @return the copy
     */
    public OtelConvention withBuckets(List<Double> seconds) {
        return new OtelConvention(List.copyOf(seconds), hasServerAddress, hasSizes);
    }

    /**
     * A copy whose server side has {@code server.address} and {@code server.port}, by what clients ask for. They may ask for anything:
     * the number of values is bounded by {@link HttpMetricsSettings#targets}.
     *
     * @return the copy
     */
    public OtelConvention withServerAddress() {
        return new OtelConvention(buckets, true, hasSizes);
    }

    /**
     * A copy with {@code http.server.request.body.size}, {@code http.server.response.body.size} and
     * {@code http.client.response.body.size}.
     *
     * @return the copy
     */
    public OtelConvention withBodySizes() {
        return new OtelConvention(buckets, hasServerAddress, true);
    }

    @Override
    public boolean hasServerLabels() {
        return hasServerAddress;
    }

    @Override
    public Map<String, String> serverLabels(HttpExchange exchange) {
        String authority = exchange.head().authority();
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']'); // of an address in brackets
        String defaultPort = exchange.head().scheme().equals("https") ? "443" : "80";
        return Map.of(
                "server.address",
                (hasPort ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT),
                "server.port",
                hasPort ? authority.substring(colon + 1) : defaultPort);
    }

    // ---- series

    @Override
    public List<HttpSeries> requests(HttpTarget target, HttpRequestTraits request) {
        if (!(target instanceof HttpTarget.Server server)) {
            return List.of();
        }
        Tags tags = tags(server.labels()).and("http.request.method", request.method(), "url.scheme", request.scheme());
        return List.of(new HttpSeries.Level("http.server.active_requests", "Requests that are being worked on", tags));
    }

    @Override
    public List<HttpSeries> replies(HttpTarget target, HttpRequestTraits request, HttpReplyTraits reply) {
        if (target instanceof HttpTarget.Server server) {
            return server(server, request, reply);
        }
        Tags tags = outcome(request, reply, 400);
        if (target instanceof HttpTarget.Client client) {
            return client(tags.and(address(client.endpoint())), request);
        }
        if (target instanceof HttpTarget.Control control) {
            return client(tags.and(address(control.address())), request);
        }
        if (target instanceof HttpTarget.Calls calls) {
            Tags route = tags.and(route(calls.destination(), calls.labels()));
            return List.of(duration("gateway.route.request.duration", "Requests of a route, with retries", route));
        }
        if (target instanceof HttpTarget.Attempts attempts) {
            Tags route = tags.and(route(attempts.destination(), attempts.labels()));
            return List.of(duration("gateway.route.attempt.duration", "Attempts of a route", route));
        }
        return List.of();
    }

    private List<HttpSeries> server(HttpTarget.Server server, HttpRequestTraits request, HttpReplyTraits reply) {
        Tags tags = outcome(request, reply, 500)
                .and(tags(server.labels()))
                .and("network.protocol.version", request.version(), "url.scheme", request.scheme());
        tags = server.route() == null ? tags : tags.and("http.route", server.route());
        List<HttpSeries> all = new ArrayList<>();
        all.add(duration("http.server.request.duration", "Duration of HTTP server requests.", tags));
        if (hasSizes) {
            all.add(size("http.server.request.body.size", HttpSeries.Figure.REQUEST_BYTES, tags));
            all.add(size("http.server.response.body.size", HttpSeries.Figure.REPLY_BYTES, tags));
        }
        return all;
    }

    private List<HttpSeries> client(Tags some, HttpRequestTraits request) {
        Tags tags = some.and("network.protocol.version", request.version());
        HttpSeries duration = duration("http.client.request.duration", "Duration of HTTP client requests.", tags);
        return hasSizes
                ? List.of(duration, size("http.client.response.body.size", HttpSeries.Figure.REPLY_BYTES, tags))
                : List.of(duration);
    }

    private HttpSeries duration(String name, String description, Tags tags) {
        return new HttpSeries.Histogram(
                name, description, tags, HttpSeries.Figure.DURATION, HttpSeries.Histogram.Unit.SECONDS, buckets);
    }

    private static HttpSeries size(String name, HttpSeries.Figure figure, Tags tags) {
        String description = "Size of HTTP bodies.";
        return new HttpSeries.Histogram(name, description, tags, figure, HttpSeries.Histogram.Unit.BYTES, BYTES);
    }

    @Override
    public List<HttpSeries.Count> retries(HttpTarget.Calls route, @Nullable Skipped skipped) {
        Tags tags = route(route.destination(), route.labels());
        tags = skipped == null
                ? tags
                : tags.and("gateway.retry.skipped", skipped.name().toLowerCase(Locale.ROOT));
        return List.of(new HttpSeries.Count("gateway.route.retries", "Failed attempts, tried again or not", tags));
    }

    // ---- attributes

    private static Tags outcome(HttpRequestTraits request, HttpReplyTraits reply, int leastError) {
        Tags tags = Tags.of("http.request.method", request.method());
        if (reply.status() != HttpReplyTraits.NO_STATUS) {
            tags = tags.and("http.response.status_code", reply.statusText());
        }
        String error = errorType(reply, leastError);
        return error == null ? tags : tags.and("error.type", error);
    }

    private static @Nullable String errorType(HttpReplyTraits reply, int leastError) {
        Classification verdict = reply.verdict();
        if (verdict.error() != null) {
            return verdict.error();
        }
        int grpc = verdict.grpcStatus();
        if (verdict.isFailure() && grpc >= 0) {
            RpcStatus known = RpcStatus.of(grpc);
            return known == null ? Integer.toString(grpc) : known.name();
        }
        if (!verdict.isFailure() && reply.status() < leastError) {
            return null;
        }
        return reply.status() == HttpReplyTraits.NO_STATUS ? "_OTHER" : reply.statusText();
    }

    private static Tags address(Endpoint endpoint) {
        Tags tags = Tags.of("server.address", endpoint.address().getHostString());
        int port = endpoint.address().getPort();
        return port == 0 ? tags : tags.and("server.port", Integer.toString(port));
    }

    private static Tags address(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon < 0 || authority.endsWith("]")
                ? Tags.of("server.address", authority)
                : Tags.of(
                        "server.address", authority.substring(0, colon), "server.port", authority.substring(colon + 1));
    }

    private static Tags route(String destination, RouteLabels labels) {
        Tags tags = Tags.of("gateway.destination", destination);
        for (Map.Entry<String, String> label : labels.raw().entrySet()) {
            tags = tags.and(
                    "gateway." + (label.getKey().equals("route") ? "route" : "route." + label.getKey()),
                    value(label.getValue()));
        }
        return tags;
    }

    private static String value(String value) {
        return value.isEmpty() ? "none" : value;
    }

    private static Tags tags(Map<String, String> labels) {
        return Tags.of(labels.entrySet().stream()
                .map(label -> Tag.of(label.getKey(), value(label.getValue())))
                .toList());
    }

    @Override
    public String toString() {
        return "OpenTelemetry conventions";
    }
}
