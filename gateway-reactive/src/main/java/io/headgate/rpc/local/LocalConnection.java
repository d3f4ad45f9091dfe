package io.headgate.rpc.local;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One side of a link. */
final class LocalConnection implements RpcConnection {

    private final Link link;
    private final String name;
    private final RpcSpec spec;
    private final Watcher watcher;
    private final Sinks.One<Ending> closed = Sinks.one();
    private @Nullable Lane outgoing;
    private @Nullable Lane incoming;

    LocalConnection(Link link, String name, Function<? super RpcConnection, RpcSpec> spec) {
        this.link = link;
        this.name = name;
        this.spec = Objects.requireNonNull(spec.apply(this), "spec");
        this.watcher = new Watcher(this, this.spec.observer());
    }

    void open(Lane toCall, Lane toAnswer) {
        outgoing = toCall;
        incoming = toAnswer;
        watcher.onPhase(RpcStats.Phase.OPEN, 0);
    }

    RpcSpec spec() {
        return spec;
    }

    Watcher watcher() {
        return watcher;
    }

    void ended(Ending ending) {
        closed.tryEmitValue(ending);
        watcher.onEnd(ending);
    }

    private Lane outgoing() {
        return Objects.requireNonNull(outgoing, "not open yet");
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return new LocalCallMono(outgoing(), request);
    }

    @Override
    public Status status() {
        return switch (link.phase()) {
            case OPEN -> outgoing().isFull() ? Status.BUSY : Status.OPEN;
            default -> Status.CLOSED;
        };
    }

    @Override
    public Mono<Void> opened() {
        return Mono.empty();
    }

    @Override
    public Mono<Ending> closed() {
        return closed.asMono();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
        return Mono.defer(() -> {
            link.close(this, grace);
            return closed().then();
        });
    }

    @Override
    public void abort(String reason) {
        link.abort(this, reason);
    }

    @Override
    public RpcStats stats() {
        return new RpcStats(
                link.phase(),
                outgoing == null ? 0 : outgoing.size(),
                incoming == null ? 0 : incoming.size(),
                0,
                0,
                0,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO);
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }

    @Override
    public String toString() {
        return "in-process connection, " + name;
    }
}
