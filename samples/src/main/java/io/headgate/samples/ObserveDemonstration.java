package io.headgate.samples;

import io.headgate.http.HttpVersion;
import io.headgate.samples.tap.Seen;
import io.headgate.samples.tap.TapLines;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import reactor.core.Disposable;

/** Sends a few requests, and shows what each of the eyes has seen of them. */
final class ObserveDemonstration {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int REQUESTS = 4;
    private static final int ROUTED = 3;
    private static final int SPANS = REQUESTS + ROUTED;
    private static final int TAP_LINES = 3 * ROUTED;

    private final String url;
    private final Observed observed;
    private final ObservationPorts ports;
    private final Heard logged;
    private final Heard spans;
    private final PrintWriter out;
    private final Heard tapped = new Heard();

    ObserveDemonstration(String url, Observed observed, Heard logged, Heard spans, PrintWriter out) {
        this.url = url;
        this.observed = observed;
        this.ports = Objects.requireNonNull(observed.ports());
        this.logged = logged;
        this.spans = spans;
        this.out = out;
    }

    /** Returns whether all was as expected. */
    boolean run() throws IOException, InterruptedException {
        boolean met = requestsUnderTap();
        met &= show("tap: what the endpoints are asked, as samples/run tap shows it", tapped.lines(), TAP_LINES);
        met &= Until.met(() -> logged.lines().size() == REQUESTS, PATIENCE);
        met &= show("access log: one line for each request of a client", logged.lines(), REQUESTS);
        Objects.requireNonNull(observed.traces()).flush();
        met &= Until.met(() -> spans.lines().size() == SPANS, PATIENCE);
        met &= show("traces: a server span for each request, a client span for each attempt", spans.lines(), SPANS);
        return met & pages();
    }

    private boolean requestsUnderTap() throws IOException, InterruptedException {
        TapLines format = new TapLines(true, false);
        try (TapDial.Opened tap = new GrpcDial().open(ListenAddress.parse(ports.tapAddress()));
                DemoClient client = new DemoClient(url)) {
            Disposable watching = tap.observe(TapRequest.of(ROUTED, TapMatch.EVERYTHING))
                    .map(event -> format.apply(new Seen(Instant.now(), event)))
                    .subscribe(tapped::add, failure -> tapped.add(failure.toString()));
            boolean met = Until.met(() -> Objects.requireNonNull(ports.tap()).observations() == 1, PATIENCE);
            out.println();
            out.println("requests");
            met &= send(client, HttpVersion.HTTP_1_1, "/orders/42", 200)
                    & send(client, HttpVersion.HTTP_2, "/orders/43?full=1", 200)
                    & send(client, HttpVersion.HTTP_2, "/users/7", 200)
                    & send(client, HttpVersion.HTTP_1_1, "/nowhere", 404);
            return met & Until.met(watching::isDisposed, PATIENCE);
        }
    }

    private boolean send(DemoClient client, HttpVersion version, String path, int expected)
            throws IOException, InterruptedException {
        int status = client.send(version, "GET", path, "").status();
        out.println("  GET " + path + " by " + version + " -> " + status);
        return status == expected;
    }

    private boolean show(String heading, List<String> lines, int expected) {
        out.println();
        out.println(heading);
        lines.forEach(line -> out.println("  " + line.replace("\n", "\n  ")));
        return lines.size() == expected;
    }

    private boolean pages() throws IOException, InterruptedException {
        List<String> counts = get("/metrics", line -> line.matches("http_\\w+_seconds_count\\{.*"));
        boolean met = show("metrics: from " + ports.adminUrl() + "/metrics", counts, counts.size());
        out.println();
        out.println("admin pages");
        for (String page : List.of("/live", "/ready", "/stack", "/routes", "/endpoints", "/pools", "/taps")) {
            List<String> lines = get(page, line -> true);
            out.println("  " + ports.adminUrl() + page);
            met &= !lines.isEmpty();
        }
        return met && counts.stream().anyMatch(line -> line.startsWith("http_server_request_duration_seconds_count"));
    }

    private List<String> get(String path, Predicate<String> wanted) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(ports.adminUrl() + path))
                .timeout(PATIENCE)
                .build();
        var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofLines());
        return response.statusCode() == 200 ? response.body().filter(wanted).toList() : List.of();
    }
}
