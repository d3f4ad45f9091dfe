package io.headgate.samples;

import io.headgate.samples.sync.ChangingSet;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.metrics.SyncMetrics;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import io.headgate.sync.source.EtcdSource;
import io.headgate.sync.source.EtcdSpec;
import io.headgate.sync.source.SyncDirectory;
import io.headgate.tls.ClientTls;
import io.headgate.tls.ServerTls;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Serves a set of entries out of a directory, etcd, another sync server, or one that changes by itself. */
@Command(
        name = "sync-server",
        description = "Serves a set of entries to any number of clients by the sync protocol of Calico Typha.",
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "A TIME is a number and ms, s, m or h, such as 250ms or 30s, or ISO 8601, such as PT30S."})
final class SyncServerCommand implements Callable<Integer> {

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", SyncClientSpec.PORT);

    /** Where the entries are. */
    private static final class Source {

        @Option(names = "--dir", paramLabel = "DIR", description = "Serves the files of a directory, by their paths.")
        private @Nullable Path directory;

        @Option(
                names = "--etcd",
                paramLabel = "URL",
                description = "Serves the keys of an etcd, such as http://127.0.0.1:2379; members with commas.")
        private @Nullable String etcd;

        @Option(
                names = "--upstream",
                paramLabel = "HOST:PORT",
                split = ",",
                description = "Serves what another sync server does, or one of several; with the same TLS.")
        private @Nullable List<String> upstream;
    }

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    private Source source = new Source();

    @Option(names = "--etcd-prefix", paramLabel = "PREFIX", description = "How the keys of --etcd begin. Default: all.")
    private String etcdPrefix = "";

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            split = ",",
            description = "What clients have to ask for, several times for several of the same. Default: felix.")
    private List<String> types = List.of(SyncServerSpec.FELIX);

    @Option(
            names = "--old-clients",
            description = "Lets clients in that know nothing of today's policy keys, as of 2019.")
    private boolean oldClients;

    @Mixin
    private final SyncTlsOptions tls = new SyncTlsOptions();

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Serves /metrics for Prometheus, /liveness and /readiness there.")
    private @Nullable ListenAddress metrics;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description =
                    "How long clients may take to leave, one after the other, after Ctrl-C or SIGTERM. Default: 10s.")
    private Duration grace = Duration.ofSeconds(10);

    private final PrintWriter out;

    SyncServerCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (grace.isNegative()) {
            throw new UserMistake("--grace: " + grace + " (expected: zero or more)");
        }
        try (StopSignals signals = StopSignals.install();
                ChangingSet own = new ChangingSet(Schedulers.parallel());
                SyncPages pages = new SyncPages()) {
            SyncServer server = open(spec(own), pages.metrics());
            try {
                out.println("listening on " + text(server));
                if (metrics != null) {
                    out.println("metrics on " + pages.open(metrics, server) + "/metrics");
                }
                signals.await();
                return leave(server, signals);
            } finally {
                server.closeAsync(Duration.ZERO).block();
            }
        }
    }

    private static String text(SyncServer server) {
        return ListenAddress.url("", server.address()).substring("://".length());
    }

    private SyncServerSpec spec(ChangingSet own) {
        return UserMistake.ifRefused(() -> {
            SyncServerSpec made = SyncServerSpec.of(listen.host(), listen.port())
                    .withSettings(SyncServerSettings.builder()
                            .policyKeysRequired(!oldClients)
                            .build());
            for (String type : types) {
                made = made.withTopic(type, events(type, own));
            }
            ServerTls protection = tls.server();
            return protection == null ? made : made.withTls(protection, tls.peer());
        });
    }

    private Flux<SyncEvent> events(String type, ChangingSet own) {
        if (source.directory != null) {
            if (!Files.isDirectory(source.directory)) {
                throw new UserMistake("--dir: " + source.directory + " (expected: a directory that exists)");
            }
            return SyncDirectory.of(source.directory).events();
        }
        if (source.etcd != null) {
            return EtcdSource.of(EtcdSpec.of(source.etcd.split(",")).withPrefix(etcdPrefix))
                    .events();
        }
        if (source.upstream != null) {
            return upstream(source.upstream, type);
        }
        return own.events();
    }

    private Flux<SyncEvent> upstream(List<String> servers, String type) {
        SyncClientSpec client =
                SyncClientSpec.of(servers.toArray(String[]::new)).withSyncerType(type);
        ClientTls protection = tls.client();
        return SyncClient.of(protection == null ? client : client.withTls(protection, tls.peer()))
                .events();
    }

    private SyncServer open(SyncServerSpec spec, SyncMetrics measured) {
        Mono<SyncServer> server = metrics == null ? SyncServer.bind(spec) : measured.bind(spec);
        try {
            return Objects.requireNonNull(server.block());
        } catch (RuntimeException e) {
            Throwable cause = Exceptions.unwrap(e);
            if (cause instanceof IOException || cause instanceof IllegalArgumentException) {
                throw new UserMistake("--listen: " + listen + ": " + cause.getMessage(), cause);
            }
            throw e;
        }
    }

    /** Returns 0; a second signal lets all clients go at once. */
    private int leave(SyncServer server, StopSignals signals) {
        Thread second = new Thread(() -> cutWith(server, signals), "second signal");
        second.setDaemon(true);
        second.start();
        Mono<Void> closed = server.closeAsync(grace).cache();
        closed.subscribe();
        Flux.interval(Duration.ZERO, Duration.ofSeconds(1))
                .onBackpressureLatest()
                .takeUntilOther(closed)
                .toIterable()
                .forEach(tick -> out.println("leaving, " + server.stats().connections() + " clients left"));
        out.println("closed");
        return 0;
    }

    private static void cutWith(SyncServer server, StopSignals signals) {
        try {
            signals.await();
            server.closeAsync(Duration.ZERO).subscribe();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
