package io.headgate.samples;

import io.headgate.Service;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.endpoint.Endpoints;
import io.headgate.rpc.net.RpcAddress;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.headgate.rpc.net.RpcServerStats;
import io.headgate.rpc.stream.Resume;
import io.headgate.samples.rpc.Demonstrations;
import io.headgate.samples.rpc.OffLoop;
import io.headgate.samples.rpc.ServedFiles;
import io.headgate.tls.PemFiles;
import io.headgate.tls.ServerTls;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.scheduler.Schedulers;

/** Serves a folder of files and some endpoints to try, in both dialects. */
@Command(
        name = "rpc-server",
        description = "Serves files and endpoints to try by framed RPC: TCP, TLS and unix sockets, both dialects.",
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "A TIME is a number and ms, s, m or h, such as 250ms or 30s, or ISO 8601, such as PT30S."})
final class RpcServerCommand implements Callable<Integer> {

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description =
                    "tcp://HOST:PORT, tls://HOST:PORT or unix:/PATH, several times; port 0 lets the system choose."
                            + " Default: tcp://127.0.0.1:7000.")
    private List<String> listen = List.of("tcp://127.0.0.1:7000");

    @Option(names = "--files", paramLabel = "FOLDER", description = "Serves the files of a folder.")
    private @Nullable Path files;

    @Option(names = "--read-only", description = "Refuses to write files.")
    private boolean readOnly;

    @Option(
            names = "--max-upload",
            paramLabel = "BYTES",
            description = "Most bytes of a file that is written. Default: ${DEFAULT-VALUE}.")
    private long maxUpload = 1L << 40;

    @Option(
            names = "--dialect",
            paramLabel = "DIALECT",
            split = ",",
            description = "What is spoken: ${COMPLETION-CANDIDATES}. Default: both.")
    private List<RpcDialect> dialects = List.of(RpcDialect.values());

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificates in PEM, for addresses with tls:.")
    private @Nullable Path cert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The key of --tls-cert in PEM, not encrypted.")
    private @Nullable Path key;

    @Mixin
    private final RpcConnectionOptions connections = new RpcConnectionOptions();

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "How long calls may take after Ctrl-C or SIGTERM. Default: 10s.")
    private Duration grace = Duration.ofSeconds(10);

    private final Disposable.Swap sweeping = Disposables.swap();
    private final PrintWriter out;

    RpcServerCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        Service<RpcRequest, RpcReply> handler = handler();
        List<RpcServer> servers = new ArrayList<>();
        try (StopSignals signals = StopSignals.install()) {
            for (String address : listen) {
                RpcServer server = open(address, handler);
                servers.add(server);
                out.println("listening on " + server.address());
            }
            signals.await();
            return drain(servers);
        } finally {
            servers.forEach(server -> server.closeAsync(Duration.ZERO).block());
            sweeping.dispose();
        }
    }

    private Service<RpcRequest, RpcReply> handler() {
        Demonstrations demonstrations = new Demonstrations(Clock.systemUTC());
        if (files == null) {
            return Endpoints.of(demonstrations);
        }
        ServedFiles served;
        try {
            served = ServedFiles.of(files, readOnly, maxUpload);
        } catch (IOException e) {
            throw new UserMistake(
                    "--files: " + files + " (expected: a folder that can be read" + (readOnly ? ")" : " and written)"),
                    e);
        }
        sweeping.update(served.sweeping());
        Service<RpcRequest, RpcReply> endpoints = Endpoints.of(demonstrations, served);
        Service<RpcRequest, RpcReply> offLoop =
                OffLoop.stage("files/", Schedulers.boundedElastic()).apply(endpoints);
        return Resume.takes(served.uploads()).apply(Resume.offers().apply(offLoop));
    }

    private RpcServer open(String address, Service<RpcRequest, RpcReply> handler) {
        Dialect[] spoken = dialects.stream().map(RpcDialect::dialect).toArray(Dialect[]::new);
        RpcServerSpec spec = UserMistake.ifRefused(() -> protect(RpcServerSpec.of(address, spoken[0], spoken)
                .withRpc(connections.spec().withHandler(handler))));
        try {
            return Objects.requireNonNull(RpcServer.bind(spec).block());
        } catch (RuntimeException e) {
            Throwable cause = Exceptions.unwrap(e);
            if (cause instanceof IOException || cause instanceof IllegalArgumentException) {
                throw new UserMistake("--listen: " + cause.getMessage(), cause);
            }
            throw e;
        }
    }

    private RpcServerSpec protect(RpcServerSpec spec) {
        if (spec.address().scheme() != RpcAddress.Scheme.TLS) {
            return spec;
        }
        if (cert == null || key == null) {
            throw new UserMistake(
                    (cert == null ? "--tls-cert" : "--tls-key") + ": missing (expected: for " + spec.address() + ")");
        }
        return spec.withTls(ServerTls.of(PemFiles.of(cert, key).load()));
    }

    /** Returns 0 when every call ended by itself, 1 when the grace was over before. */
    private int drain(List<RpcServer> servers) {
        boolean late = false;
        for (RpcServer server : servers) {
            long began = System.nanoTime();
            for (RpcServerStats left : server.drain(grace).toIterable()) {
                out.println("draining " + server.address() + ", " + left.connections() + " connections and "
                        + left.incoming() + " calls left");
                late |= left.incoming() > 0 && System.nanoTime() - began >= grace.toNanos();
            }
        }
        out.println(late ? "closed, some calls were cut" : "drained");
        return late ? 1 : 0;
    }
}
