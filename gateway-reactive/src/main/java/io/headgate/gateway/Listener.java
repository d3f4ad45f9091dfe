package io.headgate.gateway;

import io.headgate.mux.internal.Fronts;
import io.headgate.tls.internal.ServerContexts;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An open port. Any thread may use it. */
public final class Listener {

    private final Channel channel;
    private final List<Fronts> fronts;
    private final ListenerDrain drain;
    private final @Nullable ServerContexts tls;

    Listener(Channel channel, EventLoops loops, List<Fronts> fronts, @Nullable ServerContexts tls) {
        this.channel = channel;
        this.fronts = fronts;
        this.drain = new ListenerDrain(channel, loops, fronts);
        this.tls = tls;
    }

    /**
     * Where it listens; with the port that the system chose when port 0 was asked for.
     *
     * @return the bound address
     */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /**
     * The port that it listens on.
     *
     * @return 1 to 65535
     */
    public int port() {
        return address().getPort();
    }

    /**
     * What TLS has done, and which certificates it serves now.
     *
     * @return the counts, or null for a listener in cleartext
     */
    public @Nullable TlsStats tls() {
        return tls == null
                ? null
                : new TlsStats(tls.handshakes().sum(), tls.failedHandshakes().sum(), tls.certificates());
    }

    /**
     * Stops to accept connections; those that are open go on until they end by themselves, or the gateway does. Connections
     * that the kernel has accepted already are taken over first.
     *
     * @return completes when the port is free; each subscription closes
     */
    public Mono<Void> closeAsync() {
        return Mono.create(sink -> {
            channel.closeFuture().addListener(closed -> sink.success());
            if (channel.isOpen()) {
                channel.eventLoop().execute(() -> AcceptQueue.close(channel));
            }
        });
    }

    /**
     * Ends the listener without losing a request: stops to accept, tells clients to go elsewhere, and lets exchanges finish
     * within the grace. HTTP/2 clients are told by two GOAWAYs (RFC 9113 section 6.8), HTTP/1.1 clients by
     * {@code Connection: close} in the next reply (RFC 9112 section 9.6); one that asks for nothing is let go after a
     * quarter of the grace. What is left when the grace is over is ended: with 503 where no reply has begun, else cut.
     * Connections that a peer does not close then are closed after {@link io.headgate.mux.MuxSettings#linger}.
     *
     * <p>The gateway, its upstreams and its other listeners go on.
     *
     * <p><b>Cancellation.</b> Stops the telling, not the drain.
     *
     * @param grace how long exchanges may take; zero ends them at once. A shorter one shortens a drain that has begun, a
     *     longer one changes nothing.
     * @return a state stream, conflated for slow subscribers: what is left, from the first subscription on, which starts the
     *     drain; completes when no connection is left
     */
    public Flux<DrainProgress> drain(Duration grace) {
        Graces.check(grace);
        return Flux.defer(() -> {
            drain.start(grace);
            return drain.progress();
        });
    }

    /**
     * How far a drain has come now, without starting one.
     *
     * @return what is left; before a drain, what one would have to wait for, with no time elapsed
     */
    public DrainProgress progress() {
        long connections = 0;
        long exchanges = 0;
        for (Fronts front : fronts) {
            connections += front.connections();
            exchanges += front.exchanges.get();
        }
        return drain.progress(connections, exchanges);
    }

    /**
     * Tells whether clients are asked to go elsewhere.
     *
     * @return true once {@link #drain}, or that of the gateway, has begun
     */
    public boolean isDraining() {
        return drain.hasStarted();
    }

    /** Whether it is closed, and the last of its connections too. */
    boolean isGone() {
        return !channel.isOpen() && fronts.stream().allMatch(front -> front.connections() == 0);
    }

    /**
     * Waits for the end of the listener.
     *
     * @return completes when it has been closed
     */
    public Mono<Void> onClose() {
        return Mono.create(sink -> channel.closeFuture().addListener(closed -> sink.success()));
    }

    @Override
    public String toString() {
        return "listener on " + channel.localAddress();
    }
}
