package io.headgate.samples;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Upstream;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;

/** A gateway in front of two upstreams that it brings along, with requests that show it at work. */
@Command(
        name = "quickstart",
        description = "A gateway in front of two embedded upstreams, shown at work over HTTP/1.1 and HTTP/2.",
        sortOptions = false)
final class Quickstart implements Callable<Integer> {

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

    @Option(names = "--once", description = "End after the demonstration; exit code 0 when all replies were right.")
    private boolean once;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "How long exchanges may take after Ctrl-C or SIGTERM. Default: ${DEFAULT-VALUE}.")
    private Duration grace = Duration.ofSeconds(10);

    private final PrintWriter out;

    Quickstart(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (EmbeddedUpstreams upstreams = EmbeddedUpstreams.start();
                Running running = Running.start(GatewaySpec.DEFAULTS, listen, gateway -> routes(gateway, upstreams))) {
            out.println("gateway   " + running.url());
            out.println("/orders   " + upstreams.ordersUrl());
            out.println("/users    " + upstreams.usersUrl());
            out.println();
            boolean met = demonstrate(running.url());
            if (once) {
                return met ? 0 : 1;
            }
            StopSignals signals = StopSignals.install();
            suggest(running.url());
            return running.awaitStop(signals, out, grace);
        }
    }

    private static Service<HttpExchange, HttpReply> routes(Gateway gateway, EmbeddedUpstreams upstreams) {
        Upstream orders = gateway.upstream(upstreams.ordersUrl());
        Upstream users = gateway.upstream(upstreams.usersUrl());
        return exchange -> {
            String path = exchange.head().path();
            if (path.startsWith("/orders")) {
                return orders.call(exchange);
            }
            if (path.startsWith("/users")) {
                return users.call(exchange);
            }
            return Mono.error(new NoRouteException(path));
        };
    }

    private boolean demonstrate(String url) throws InterruptedException {
        try (DemoClient client = new DemoClient(url)) {
            return new Demonstration(client, out).run();
        }
    }

    private void suggest(String url) {
        out.println();
        out.println("Try it, and end it with Ctrl-C:");
        out.println("  curl -i " + url + "/orders/42");
        out.println("  curl -i --http2-prior-knowledge " + url + "/users/7");
        out.println("  curl -i --data 'one more' " + url + "/orders");
        out.println("  curl -i " + url + "/nowhere");
    }
}
