package io.headgate.samples;

import io.headgate.accesslog.AccessLog;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Transport;
import io.headgate.http.ExchangeObserver;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A plain gateway, nothing but the mux: what benchmarks and conformance suites run against. */
@Command(
        name = "proxy",
        description = "A plain gateway: one port for HTTP/1.1 and HTTP/2, cleartext or by TLS, in front of upstreams.",
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "A TIME is a number and ms, s, m or h, such as 250ms or 30s, or ISO 8601, such as PT30S."})
final class Proxy implements Callable<Integer> {

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            required = true,
            description =
                    "Where to send requests: http://HOST:PORT for HTTP/1.1, h2c://HOST:PORT for HTTP/2, https:// and"
                            + " h2:// for the same by TLS. Several take turns.")
    private List<String> upstreams = List.of();

    @Option(names = "--event-loops", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}, one for each core.")
    private int eventLoops = GatewaySpec.DEFAULTS.eventLoops();

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            description = "What event loops wait with: auto, nio, epoll or io_uring. Default: auto.")
    private Transport transport = Transport.AUTO;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "How long exchanges may take after Ctrl-C or SIGTERM. Default: ${DEFAULT-VALUE}.")
    private Duration grace = Duration.ofSeconds(10);

    @Mixin
    private final AccessLogOption accessLog = new AccessLogOption();

    @Mixin
    private final ObservabilityOptions observability = new ObservabilityOptions();

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Mixin
    private final MuxOptions mux = new MuxOptions();

    private final PrintWriter out;

    Proxy(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (AccessLog log = accessLog.start(out);
                Observed observed = new Observed(observability.spec(log, out));
                Running running = start(observed)) {
            StopSignals signals = StopSignals.install();
            observed.lines().forEach(out::println);
            out.println("listening on " + running.url() + " -> " + String.join(", ", upstreams));
            return running.awaitStop(signals, out, grace);
        }
    }

    /** Opens the ports; the caller closes first what this returns. */
    Running start(Observed observed) {
        Running running = start(observed, observed.observers());
        try {
            observed.open(running.gateway());
            return running;
        } catch (RuntimeException e) {
            running.close();
            throw e;
        }
    }

    /** Opens the port of the gateway alone; the caller closes it. */
    Running start(Observed observed, ExchangeObserver.Factory observers) {
        GatewaySpec spec = UserMistake.ifRefused(() -> GatewaySpec.DEFAULTS
                .withTransport(transport)
                .withEventLoops(eventLoops)
                .withSettings(mux.settings())
                .withObservers(observers));
        return Running.start(
                spec,
                tls.protect(listen),
                gateway ->
                        observed.service("upstreams", upstreams, urls -> tls.upstream(gateway, mux.settings(), urls)));
    }
}
