package io.headgate.samples;

import io.headgate.samples.rpc.ProgressBar;
import io.headgate.samples.sync.SyncView;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.client.SyncClientStats;
import io.headgate.tls.ClientTls;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Receives a set, shows how, and what becomes of it. */
@Command(
        name = "sync-client",
        description = "Receives a set of entries from a sync server: a bar, then a line for each change.",
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "A TIME is a number and ms, s, m or h, such as 250ms or 30s, or ISO 8601, such as PT30S."})
final class SyncClientCommand implements Callable<Integer> {

    @Option(
            names = "--connect",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "Servers, of which one is followed at a time. Default: 127.0.0.1:5473.")
    private List<String> servers = List.of("127.0.0.1:" + SyncClientSpec.PORT);

    @Option(names = "--type", paramLabel = "TYPE", description = "Which set. Default: ${DEFAULT-VALUE}.")
    private String type = SyncClientSpec.FELIX;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            split = ",",
            description = "Keys that are wanted begin with it. Default: all keys.")
    private List<String> prefixes = List.of();

    @Option(names = "--watch", description = "Goes on with a line for each change, until Ctrl-C or SIGTERM.")
    private boolean watch;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long the whole set may take, without --watch. Default: 30s.")
    private Duration timeout = Duration.ofSeconds(30);

    @Mixin
    private final SyncTlsOptions tls = new SyncTlsOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private final PrintWriter out;

    SyncClientCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        SyncClient client = UserMistake.ifRefused(() -> SyncClient.of(clientSpec()));
        try (ProgressBar bar = new ProgressBar(err(), Board.isTerminal())) {
            SyncView view = new SyncView(out, bar, System::nanoTime);
            Flux<SyncEvent> shown = client.events()
                    .publishOn(Schedulers.boundedElastic()) // printing may block
                    .doOnNext(view::show);
            return watch ? watch(shown, view) : once(shown, client);
        }
    }

    private SyncClientSpec clientSpec() {
        SyncClientSpec plain = SyncClientSpec.of(servers.toArray(String[]::new))
                .withSyncerType(type)
                .withPrefixes(prefixes);
        ClientTls protection = tls.client();
        return protection == null ? plain : plain.withTls(protection, tls.peer());
    }

    private int once(Flux<SyncEvent> shown, SyncClient client) {
        Mono<String> complete = shown.takeUntil(SyncClientCommand::isComplete).then(Mono.just(""));
        Mono<String> late = Mono.delay(timeout).map(tick -> why(client.stats()));
        String failure = Mono.firstWithSignal(complete, late).defaultIfEmpty("").block();
        if (failure == null || failure.isEmpty()) {
            return 0;
        }
        err().println("sync-client: " + failure + " (expected: in sync within " + timeout + ")");
        return 1;
    }

    private static String why(SyncClientStats stats) {
        String lost = stats.lastReason();
        return lost == null ? "status: " + stats.status() : lost;
    }

    private static boolean isComplete(SyncEvent event) {
        return event instanceof SyncEvent.Status told && told.status() == SyncStatus.IN_SYNC;
    }

    private int watch(Flux<SyncEvent> shown, SyncView view) {
        Sinks.Empty<Void> stop = Sinks.empty();
        try (StopSignals signals = StopSignals.install()) {
            signals.onFirst(stop::tryEmitEmpty);
            shown.takeUntilOther(stop.asMono()).blockLast();
        }
        out.println("at the end: " + view.set());
        return 0;
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
