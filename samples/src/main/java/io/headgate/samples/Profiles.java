package io.headgate.samples;

import io.headgate.Service;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.profile.ProfileRouter;
import io.headgate.profile.ProfileRouting;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A service whose routes, retries, timeouts and split follow a profile that changes while requests go on. */
@Command(
        name = "profiles",
        description = "Routes, retries, timeouts and a traffic split that follow a profile, shown on real traffic.",
        sortOptions = false)
final class Profiles implements Callable<Integer> {

    private static final String NAME = "books.example:80";
    private static final Duration GRACE = Duration.ofSeconds(10);

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

    @Option(names = "--once", description = "End after the demonstration; exit code 0 when all was as expected.")
    private boolean once;

    private final PrintWriter out;
    private final BooksProfile profile = new BooksProfile();
    private final RouteFigures figures = new RouteFigures();

    Profiles(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        profile.split(90, 10);
        AtomicReference<@Nullable ProfileRouter> made = new AtomicReference<>();
        try (BooksUpstreams upstreams = new BooksUpstreams();
                Running running = Running.start(GatewaySpec.DEFAULTS, listen, gateway -> {
                    ProfileRouter router = router(gateway, upstreams);
                    made.set(router);
                    return router;
                })) {
            ProfileRouter router = Objects.requireNonNull(made.get());
            boolean met = demonstrate(running.url(), router, upstreams);
            printTable(router);
            return once ? met ? 0 : 1 : stay(running, router);
        } finally {
            ProfileRouter router = made.get();
            if (router != null) {
                router.closeAsync(Duration.ofSeconds(1)).block();
            }
        }
    }

    private ProfileRouter router(Gateway gateway, BooksUpstreams upstreams) {
        BreakerSettings settings = BreakerSettings.DEFAULTS
                .withConsecutiveFailures(5)
                .withBackoff(Duration.ofSeconds(2), Duration.ofSeconds(10), 0);
        return ProfileRouting.of(profile.source(), name -> version(gateway, upstreams, name, settings))
                .withWatch(figures)
                .create(NAME);
    }

    /** A breaker above the balancer of a whole version: when it opens, the split leaves the version out. */
    private static Service<HttpExchange, HttpReply> version(
            Gateway gateway, BooksUpstreams upstreams, String name, BreakerSettings settings) {
        return CircuitBreaker.of(settings).wrap(gateway.balanced(upstreams.resolver(), name));
    }

    private boolean demonstrate(String url, ProfileRouter router, BooksUpstreams upstreams)
            throws IOException, InterruptedException {
        try (DemoClient client = new DemoClient(url)) {
            return new ProfilesDemonstration(client, router, profile, upstreams, out).run();
        }
    }

    private void printTable(ProfileRouter router) {
        out.println();
        figures.table(router.stats()).forEach(out::println);
    }

    private int stay(Running running, ProfileRouter router) throws InterruptedException {
        StopSignals signals = StopSignals.install();
        out.println();
        out.println("Try it, and end it with Ctrl-C, which prints the table again:");
        out.println("  curl -i " + running.url() + "/books/1");
        out.println("  curl -i -X PUT " + running.url() + "/books/1");
        out.println("  curl -i " + running.url() + "/authors/7");
        signals.await();
        printTable(router);
        return running.drain(signals, out, GRACE);
    }
}
