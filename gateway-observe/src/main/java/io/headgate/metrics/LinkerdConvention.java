package io.headgate.metrics;

import io.headgate.classify.Classification;
import io.headgate.http.HttpExchange;
import io.headgate.http.PeerIdentity;
import io.headgate.http.TlsInfo;
import io.headgate.metrics.HttpSeries.Count;
import io.headgate.metrics.HttpSeries.Figure;
import io.headgate.metrics.HttpSeries.Histogram;
import io.headgate.metrics.HttpSeries.Level;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.Skipped;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of Linkerd's proxy, as dashboards for it know them: {@code request_total}, {@code response_total} and
 * {@code response_latency_ms}, the same with {@code route_}, {@code route_actual_} and {@code control_}, {@code route_retryable_total} and
 * {@code tcp_*}. They come out so of a Prometheus registry of Micrometer; it adds a {@code _max} to each histogram.
 *
 * <p>Other than there, a request counts when its head is seen, whether or not its body is read; and the latency, which is that of
 * the head of the reply, is of requests that have one.
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class LinkerdConvention implements HttpConvention {

    /** Buckets of latencies in milliseconds; with the one without a bound there are 26. */
    public static final List<Double> MILLISECONDS = List.of(
            1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 100.0, 200.0, 300.0, 400.0, 500.0, 1_000.0, 2_000.0,
            3_000.0, 4_000.0, 5_000.0, 10_000.0, 20_000.0, 30_000.0, 40_000.0, 50_000.0);

    /** Without what clients say. */
    public static final LinkerdConvention DEFAULTS = new LinkerdConvention(MILLISECONDS, false, false);

    private final List<Double> buckets;
    private final boolean hasAuthority;
    private final boolean hasClientId;

    private LinkerdConvention(List<Double> buckets, boolean hasAuthority, boolean hasClientId) {
        this.buckets = buckets;
        this.hasAuthority = hasAuthority;
        this.hasClientId = hasClientId;
    }

    /**
     * A copy with other buckets.
     *
     * @param milliseconds their upper bounds, ascending
     * @return the copy
     */
    public LinkerdConvention withBuckets(List<Double> milliseconds) {
        return new LinkerdConvention(List.copyOf(milliseconds), hasAuthority, hasClientId);
    }

    /**
     * A copy with the label {@code authority}: of requests of clients what they ask for, of which there may be
     * {@link HttpMetricsSettings#targets} values, and of endpoints what their requests name instead.
     *
     * @return the copy
     */
    public LinkerdConvention withAuthority() {
        return new LinkerdConvention(buckets, true, hasClientId);
    }

    /**
     * A copy with the label {@code client_id}: who a client has proved to be by its certificate, of whom there may be
     * {@link HttpMetricsSettings#targets}.
     *
     * @return the copy
     */
    public LinkerdConvention withClientId() {
        return new LinkerdConvention(buckets, hasAuthority, true);
    }

    @Override
    public boolean isByRoute() {
        return false;
    }

    @Override
    public boolean hasServerLabels() {
        return hasAuthority || hasClientId;
    }

    @Override
    public Map<String, String> serverLabels(HttpExchange exchange) {
        Map<String, String> labels = new TreeMap<>();
        if (hasAuthority) {
            labels.put("authority", exchange.head().authority().toLowerCase(Locale.ROOT));
        }
        if (hasClientId) {
            labels.put("client_id", clientId(exchange.connection().tls()));
        }
        return labels;
    }

    private static String clientId(@Nullable TlsInfo tls) {
        PeerIdentity peer = tls == null ? null : tls.peer();
        if (peer == null) {
            return "";
        }
        String spiffe = peer.spiffeId();
        return spiffe != null
                ? spiffe
                : peer.dnsNames().isEmpty() ? peer.subject() : peer.dnsNames().get(0);
    }

    // ---- series

    @Override
    public List<HttpSeries> requests(HttpTarget target, HttpRequestTraits request) {
        return List.of(new Count(
                prefix(target) + "request", "Total count of HTTP requests.", labels(target, request.isSecure())));
    }

    @Override
    public List<HttpSeries> replies(HttpTarget target, HttpRequestTraits request, HttpReplyTraits reply) {
        Tags labels = labels(target, request.isSecure());
        HttpSeries total = new Count(
                prefix(target) + "response", "Total count of HTTP responses.", labels.and(classification(reply)));
        if (target instanceof HttpTarget.Attempts || reply.status() == HttpReplyTraits.NO_STATUS) {
            return List.of(total);
        }
        return List.of(
                total,
                new Histogram(
                        prefix(target) + "response_latency_ms",
                        "Elapsed times between a request's headers being received and its response's being sent.",
                        labels.and("status_code", reply.statusText()),
                        Figure.TIME_TO_HEAD,
                        Histogram.Unit.MILLISECONDS,
                        buckets));
    }

    @Override
    public List<Count> retries(HttpTarget.Calls route, @Nullable Skipped skipped) {
        Tags labels = labels(route, false);
        labels = skipped == null ? labels : labels.and("skipped", skipped.name().toLowerCase(Locale.ROOT));
        return List.of(new Count("route_retryable", "Total count of retryable HTTP responses.", labels));
    }

    @Override
    public List<HttpSeries> opened(HttpTarget.Connections connections) {
        Tags labels = labels(connections, connections.isSecure());
        return List.of(
                new Count("tcp_open", "Total count of opened connections.", labels),
                new Level("tcp_open_connections", "Number of currently-open connections.", labels));
    }

    @Override
    public List<HttpSeries> closed(HttpTarget.Connections connections, @Nullable String error) {
        Tags labels = labels(connections, connections.isSecure());
        Tags closed = error == null ? labels : labels.and("errno", error);
        return List.of(
                new Count("tcp_close", "Total count of closed connections.", closed),
                new Histogram(
                        "tcp_connection_duration_ms",
                        "Connection lifetimes.",
                        closed,
                        Figure.DURATION,
                        Histogram.Unit.MILLISECONDS,
                        buckets));
    }

    @Override
    public List<Count> read(HttpTarget.Connections connections) {
        return List.of(new Count(
                "tcp_read_bytes",
                "Total count of bytes read from peers.",
                labels(connections, connections.isSecure())));
    }

    @Override
    public List<Count> written(HttpTarget.Connections connections) {
        return List.of(new Count(
                "tcp_write_bytes",
                "Total count of bytes written to peers.",
                labels(connections, connections.isSecure())));
    }

    // ---- names and labels

    private static String prefix(HttpTarget target) {
        if (target instanceof HttpTarget.Calls) {
            return "route_";
        }
        if (target instanceof HttpTarget.Attempts) {
            return "route_actual_";
        }
        return target instanceof HttpTarget.Control ? "control_" : "";
    }

    private Tags labels(HttpTarget target, boolean isSecure) {
        if (target instanceof HttpTarget.Server server) {
            return Tags.of("direction", "inbound")
                    .and(tags("", server.labels()))
                    .and(isSecure ? Tags.of("tls", "true") : noTls("no_tls_from_remote"));
        }
        if (target instanceof HttpTarget.Client client) {
            return Tags.of("direction", "outbound").and(endpoint(client.endpoint()));
        }
        if (target instanceof HttpTarget.Calls calls) {
            return route(calls.destination(), calls.labels().prefixed());
        }
        if (target instanceof HttpTarget.Attempts attempts) {
            return route(attempts.destination(), attempts.labels().prefixed());
        }
        if (target instanceof HttpTarget.Control control) {
            return Tags.of("addr", control.address()).and(serverId(control.serverId()));
        }
        HttpTarget.Connections connections = (HttpTarget.Connections) target;
        Endpoint endpoint = connections.endpoint();
        if (endpoint != null) {
            return Tags.of("direction", "outbound", "peer", "dst").and(endpoint(endpoint));
        }
        return Tags.of("direction", "inbound", "peer", "src")
                .and(isSecure ? Tags.of("tls", "true") : noTls("no_tls_from_remote"));
    }

    private static Tags route(String destination, Map<String, String> labels) {
        return Tags.of("direction", "outbound", "dst", destination).and(tags("", labels));
    }

    private Tags endpoint(Endpoint endpoint) {
        InetSocketAddress address = endpoint.address();
        String host = address.getHostString();
        Tags tags = Tags.of("target_addr", (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort())
                .and("target_port", Integer.toString(address.getPort()))
                .and(tags("dst_", endpoint.labels()))
                .and(serverId(endpoint.tls() == null ? null : endpoint.tls().identity()));
        tags = address.isUnresolved()
                ? tags
                : tags.and("target_ip", address.getAddress().getHostAddress());
        return hasAuthority && endpoint.authority() != null ? tags.and("authority", endpoint.authority()) : tags;
    }

    private static Tags serverId(@Nullable String identity) {
        return identity == null
                ? noTls("not_provided_by_service_discovery")
                : Tags.of("tls", "true", "server_id", identity);
    }

    private static Tags noTls(String reason) {
        return Tags.of("tls", "no_identity", "no_tls_reason", reason);
    }

    private static Tags classification(HttpReplyTraits reply) {
        Classification verdict = reply.verdict();
        Tags tags = Tags.of("classification", verdict.isSuccess() ? "success" : "failure");
        if (reply.status() != HttpReplyTraits.NO_STATUS) {
            tags = tags.and("status_code", reply.statusText());
        }
        if (verdict.grpcStatus() >= 0) {
            tags = tags.and("grpc_status", Integer.toString(verdict.grpcStatus()));
        }
        return verdict.error() == null ? tags : tags.and("error", verdict.error());
    }

    private static Tags tags(String prefix, Map<String, String> labels) {
        return Tags.of(labels.entrySet().stream()
                .filter(label -> !label.getValue().isEmpty())
                .map(label -> Tag.of(prefix + label.getKey(), label.getValue()))
                .toList());
    }

    @Override
    public String toString() {
        return "Linkerd's names";
    }
}
