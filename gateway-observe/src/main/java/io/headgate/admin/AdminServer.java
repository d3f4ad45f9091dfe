package io.headgate.admin;

import io.headgate.admin.internal.EventWriter;
import io.headgate.admin.internal.Exchanges;
import io.headgate.admin.internal.Flights;
import io.headgate.admin.internal.Gatekeeper;
import io.headgate.admin.internal.Resource;
import io.headgate.admin.internal.Site;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.resources.LoopResources;

/**
 * Shows what a gateway is made of and how it does, and can drain it, over HTTP/1.1 and JSON. It is there when somebody has made it, and
 * reachable from this machine alone unless somebody has asked for more.
 *
 * <pre>{@code
 * Admin admin = Admin.builder().gateway(gateway).tap("inbound", tap).metrics(prometheus::scrape).build();
 * AdminServer server = AdminServer.start(AdminSpec.DEFAULTS, admin).block();
 * }</pre>
 *
 * <p>It has an event loop and a few threads of its own, all daemons: whatever is asked of it costs the gateway no more than the
 * looking, and a drain of the gateway does not cut its answers.
 *
 * <p><b>Threading.</b> Any thread may call; nothing here blocks.
 */
public final class AdminServer {

    private static final int WORKERS = 4;
    private static final int WAITING_WORK = 256;
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration REQUEST = Duration.ofSeconds(10);

    private final DisposableServer server;
    private final Threads threads;
    private final ChannelGroup connections;
    private final Flights flights;

    private AdminServer(DisposableServer server, Threads threads, ChannelGroup connections, Flights flights) {
        this.server = server;
        this.threads = threads;
        this.connections = connections;
        this.flights = flights;
    }

    /** What a server runs on. */
    private record Threads(LoopResources loops, Scheduler workers, Scheduler prober, Scheduler timer) {

        static Threads start() {
            return new Threads(
                    LoopResources.create("headgate-admin", 1, true),
                    Schedulers.newBoundedElastic(WORKERS, WAITING_WORK, "headgate-admin-worker", 60, true),
                    Schedulers.newBoundedElastic(1, WAITING_WORK, "headgate-admin-prober", 60, true),
                    Schedulers.parallel());
        }

        /** Whether the process is alive must not depend on something else that hangs. */
        Scheduler forPath(String path) {
            return path.equals(HealthPages.LIVE) ? prober : workers;
        }

        Mono<Void> end() {
            return loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5))
                    .then(Mono.<Void>fromRunnable(this::endWorkers).subscribeOn(Schedulers.boundedElastic()));
        }

        /** Takes locks. */
        private void endWorkers() {
            workers.dispose();
            prober.dispose();
        }
    }

    /**
     * Opens a port and serves.
     *
     * @param spec where, and to whom
     * @param admin what it shows
     * @return the server once it is bound; fails with the cause when it cannot be. Each subscription starts one
     */
    public static Mono<AdminServer> start(AdminSpec spec, Admin admin) {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(admin, "admin");
        return Mono.defer(() -> {
            Threads threads = Threads.start();
            ChannelGroup connections = new DefaultChannelGroup("headgate-admin", ImmediateEventExecutor.INSTANCE);
            Flights flights = new Flights();
            return configured(spec, threads, connections)
                    .handle(exchanges(spec, admin, threads, flights))
                    .bind()
                    .<AdminServer>map(bound -> new AdminServer(bound, threads, connections, flights))
                    .onErrorResume(failed -> threads.end().then(Mono.error(failed)))
                    .doOnCancel(() -> threads.end().subscribe());
        });
    }

    private static HttpServer configured(AdminSpec spec, Threads threads, ChannelGroup connections) {
        String address = spec.host().equals("localhost") ? "127.0.0.1" : spec.host();
        return HttpServer.create()
                .bindAddress(() -> new InetSocketAddress(address, spec.port()))
                .runOn(threads.loops, false) // nothing here is in a hurry
                .protocol(HttpProtocol.HTTP11)
                .channelGroup(connections)
                .maxConnections(spec.maxConnections())
                .idleTimeout(IDLE)
                .requestTimeout(REQUEST)
                .httpRequestDecoder(limits -> limits.maxInitialLineLength(8 * 1024)
                        .maxHeaderSize(16 * 1024)
                        .h2cMaxContentLength(0));
    }

    private static Exchanges exchanges(AdminSpec spec, Admin admin, Threads threads, Flights flights) {
        boolean anyHost = spec.isPublic() && spec.hosts().isEmpty();
        return new Exchanges(
                new Site(resources(spec, admin, threads.timer)),
                new Gatekeeper(anyHost, spec.hosts()),
                (request, path) -> spec.authorizer().test(request(request, path)),
                threads::forPath,
                threads.timer,
                new EventWriter(spec.heartbeat(), spec.patience(), threads.timer, flights),
                flights);
    }

    private static AdminRequest request(HttpServerRequest request, String path) {
        return new AdminRequest(request.method().name(), path, request.remoteAddress(), request.requestHeaders()::get);
    }

    private static List<Resource> resources(AdminSpec spec, Admin admin, Scheduler timer) {
        List<Resource> all = new ArrayList<>();
        if (admin.metrics != null) {
            all.add(MetricsPage.of(admin.metrics));
        }
        HealthPages health = new HealthPages(admin.gateway, admin.checks, timer);
        all.add(health.live());
        all.add(health.ready());
        all.add(StackPage.of(admin.stacks));
        all.add(new RoutesPage(admin.routes, admin.profiles).resource());
        all.add(new EndpointsPage(admin).resource());
        if (admin.gateway != null) {
            all.add(FigurePages.pools(admin.gateway));
        }
        all.add(FigurePages.stats(admin.gateway, admin.figures));
        if (!admin.functions.isEmpty()) {
            all.add(FunctionsPage.of(admin.functions));
        }
        TapPages taps = new TapPages(admin.taps, spec.maxTaps());
        all.add(taps.overview());
        if (!admin.taps.isEmpty()) {
            all.add(taps.stream());
        }
        if (admin.gateway != null) {
            all.add(new DrainPage(admin.gateway, timer).resource());
        }
        all.add(new LogLevelPage(admin.logLevels).resource());
        return all;
    }

    /**
     * Where it listens; with the port that the system chose when port 0 was asked for.
     *
     * @return the bound address
     */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.address();
    }

    /**
     * The port that it listens on.
     *
     * @return 1 to 65535
     */
    public int port() {
        return server.port();
    }

    /**
     * Stops to accept connections, ends the streams, which are told so, lets other answers finish within the grace, and ends the threads.
     *
     * @param grace how long answers may take; zero cuts them at once
     * @return completes when nothing is left; each subscription closes
     */
    public Mono<Void> closeAsync(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: 0 or more)");
        }
        return Mono.defer(() -> {
            server.dispose();
            return flights.close(grace, threads.timer)
                    .then(Mono.<Void>create(sink -> connections.close().addListener(closed -> sink.success())))
                    .then(Mono.defer(threads::end));
        });
    }

    @Override
    public String toString() {
        return "admin server on " + server.address();
    }
}
