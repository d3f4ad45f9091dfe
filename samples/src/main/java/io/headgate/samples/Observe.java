package io.headgate.samples;

import io.headgate.Service;
import io.headgate.accesslog.AccessLog;
import io.headgate.accesslog.AccessLogSpec;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.metrics.OtelConvention;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import io.headgate.route.Router;
import io.headgate.route.ServiceCache;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A gateway with all eyes open: live tap, metrics, traces, access log and admin pages, with requests to look at. */
@Command(
        name = "observe",
        description = "A gateway with live tap, metrics, traces, access log and admin pages on, and what they say.",
        sortOptions = false)
final class Observe implements Callable<Integer> {

    private static final Duration GRACE = Duration.ofSeconds(10);

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

    @Option(names = "--tap", paramLabel = "HOST:PORT", description = "Where to serve the tap. Default: any free port.")
    private ListenAddress tap = new ListenAddress("127.0.0.1", 0);

    @Option(names = "--admin", paramLabel = "HOST:PORT", description = "Where to serve the admin pages. Likewise.")
    private ListenAddress admin = new ListenAddress("127.0.0.1", 0);

    @Option(names = "--once", description = "End after the demonstration; exit code 0 when all was as expected.")
    private boolean once;

    private final PrintWriter out;
    private final Heard logged = new Heard();
    private final Heard spans = new Heard();

    Observe(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (EmbeddedUpstreams upstreams = EmbeddedUpstreams.start();
                AccessLog log = AccessLog.start(AccessLogSpec.DEFAULTS.withSink(line -> logged.add(line.toString())));
                Observed observed =
                        new Observed(new ObservedSpec(log, tap, admin, OtelConvention.DEFAULTS, 1, spans::add));
                Running running = start(upstreams, observed)) {
            observed.open(running.gateway());
            out.println("gateway on " + running.url());
            observed.lines().forEach(out::println);
            boolean met = new ObserveDemonstration(running.url(), observed, logged, spans, out).run();
            return once ? met ? 0 : 1 : stay(running, observed);
        }
    }

    private Running start(EmbeddedUpstreams upstreams, Observed observed) {
        return Running.start(
                GatewaySpec.DEFAULTS.withObservers(observed.observers()),
                listen,
                gateway -> routed(gateway, upstreams, observed));
    }

    private static Service<HttpExchange, HttpReply> routed(
            Gateway gateway, EmbeddedUpstreams upstreams, Observed observed) {
        Map<String, Service<HttpExchange, HttpReply>> services = Map.of(
                "orders", service("orders", upstreams.ordersUrl(), gateway, observed),
                "users", service("users", upstreams.usersUrl(), gateway, observed));
        RouteTable<String> table = RouteTable.<String>builder()
                .add(Route.of("order", "orders").withPath("/orders/{id}"))
                .add(Route.of("user", "users").withPath("/users/{id}"))
                .build();
        Router<String> router = Router.of(
                table,
                ServiceCache.of(name -> Objects.requireNonNull(services.get(name))::call)); // stay open when idle
        observed.pages().routes("public", router);
        return router;
    }

    private static Service<HttpExchange, HttpReply> service(
            String name, String url, Gateway gateway, Observed observed) {
        return observed.service(name, List.of(url), urls -> gateway.upstream(urls.toArray(String[]::new)));
    }

    private int stay(Running running, Observed observed) throws InterruptedException {
        StopSignals signals = StopSignals.install();
        logged.to(out::println);
        spans.to(out::println);
        ObservationPorts ports = Objects.requireNonNull(observed.ports());
        out.println();
        out.println("Try it, and end it with Ctrl-C; access log and spans go on here:");
        out.println("  samples/run tap --gateway " + ports.tapAddress() + " -o wide");
        out.println("  samples/run top --gateway " + ports.tapAddress());
        out.println("  curl -i " + running.url() + "/orders/42");
        out.println("  curl " + ports.adminUrl() + "/endpoints");
        out.println("  curl -N '" + ports.adminUrl() + "/tap?path_prefix=/orders'");
        return running.awaitStop(signals, out, GRACE);
    }
}
