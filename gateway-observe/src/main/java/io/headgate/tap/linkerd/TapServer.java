package io.headgate.tap.linkerd;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.headgate.tap.TapSource;
import io.headgate.tap.linkerd.internal.wire.TapGrpc;
import io.headgate.tls.ServerTls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Offers a source of taps to others by the tap API of Linkerd, a gRPC service: to {@link TapClient}, and to the tools of Linkerd itself.
 * A gateway has none unless one is opened, on an event loop of its own:
 *
 * <pre>
 * TapServer server = TapServer.open(tap, TapServerSettings.onLoopback(4190)).block();
 * </pre>
 *
 * <p>Its streams are <i>event streams</i>. A client that reads slowly has no demand, so that what it is too slow for is dropped and counted
 * where the events are made; no more than an event and 32 KiB are on their way to it. A client whose request has {@code extras} is
 * told of that, and of bodies; others get the published API and nothing else.
 *
 * <p><b>Errors.</b> INVALID_ARGUMENT for a request that makes no sense or wants more than {@link TapServerSettings} give, with what was
 * expected instead; RESOURCE_EXHAUSTED when as many observe as may; UNAUTHENTICATED without a certificate and PERMISSION_DENIED with
 * that of a stranger; INTERNAL when the source fails, of which the log says more; UNAVAILABLE when the server closes. A stream ends
 * with OK when the source completes it.
 *
 * <p><b>Threading.</b> Safe. The source is asked on the event loop of the server; its events are encoded on the thread where they come.
 *
 * <p><b>Cancellation.</b> A client that cancels, or goes away, cancels what it observes. One that vanishes is noticed within 70 seconds.
 */
public final class TapServer {

    /** A request is a match and some numbers. */
    private static final int MAX_REQUEST_BYTES = 64 * 1024;

    /** Calls above those that may observe, which are to be told so. */
    private static final int SPARE_CALLS = 16;

    private static final long KEEP_ALIVE_SECONDS = 60;
    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 10;

    /** For the last messages to those that read. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final EventLoopGroup loop;
    private final @Nullable CurrentTls tls;
    private final ObserveHandler handler;
    private final Server server;
    private final Scheduler timer;
    private final Transports transports = new Transports();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final AtomicBoolean closes = new AtomicBoolean();
    private InetSocketAddress address;
    private @Nullable NioServerSocketChannel socket;

    private TapServer(TapSource source, TapServerSettings settings, @Nullable CurrentTls tls, Scheduler timer) {
        this.tls = tls;
        this.timer = timer;
        address = settings.address();
        loop = LoopThread.loop();
        handler = new ObserveHandler(source, settings);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(settings.address())
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelFactory(() -> Objects.requireNonNull(socket))
                .directExecutor()
                .maxInboundMessageSize(MAX_REQUEST_BYTES)
                .maxConcurrentCallsPerConnection(settings.maxObservations() + SPARE_CALLS)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .handshakeTimeout(handshakeTimeout(settings).toMillis(), TimeUnit.MILLISECONDS)
                .addTransportFilter(transports)
                .addService(service());
        server = (tls == null ? builder : builder.sslContext(tls)).build();
    }

    private static Duration handshakeTimeout(TapServerSettings settings) {
        return settings.tls() == null
                ? ServerTls.DEFAULT_HANDSHAKE_TIMEOUT
                : settings.tls().handshakeTimeout();
    }

    private ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(TapGrpc.getServiceDescriptor())
                .addMethod(TapGrpc.getObserveMethod(), handler)
                .build();
    }

    /**
     * Opens a server. Nothing happens before it is subscribed, and each subscription opens one.
     *
     * @param source what is offered; not closed with the server
     * @param settings where it listens and whom it tells
     * @return the server when it listens; fails with an {@link IllegalStateException} when the address cannot be listened on, and with
     *     what is wrong with the certificates
     */
    public static Mono<TapServer> open(TapSource source, TapServerSettings settings) {
        return open(source, settings, Schedulers.parallel());
    }

    /**
     * Opens a server that measures its times by a scheduler of the caller's.
     *
     * @param source what is offered; not closed with the server
     * @param settings where it listens and whom it tells
     * @param timer runs the waits of {@link #closeAsync}
     * @return the server when it listens
     * @see #open(TapSource, TapServerSettings)
     */
    public static Mono<TapServer> open(TapSource source, TapServerSettings settings, Scheduler timer) {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(timer, "timer");
        ServerTls tls = settings.tls();
        return tls == null
                ? listening(source, settings, null, timer)
                : CurrentTls.open(tls).flatMap(current -> listening(source, settings, current, timer));
    }

    /** Not by a callable: to cancel that would interrupt a thread that opens a socket, and leave the socket open. */
    private static Mono<TapServer> listening(
            TapSource source, TapServerSettings settings, @Nullable CurrentTls tls, Scheduler timer) {
        return Mono.create(opened -> {
            AtomicBoolean settled = new AtomicBoolean();
            opened.onCancel(() -> settled.set(true));
            Schedulers.boundedElastic()
                    .schedule(
                            () -> { // gRPC waits for the socket
                                TapServer server = new TapServer(source, settings, tls, timer);
                                try {
                                    server.listen();
                                } catch (IOException | RuntimeException | LinkageError e) {
                                    server.release().subscribe();
                                    opened.error(e instanceof IOException ? taken(settings.address(), e) : e);
                                    return;
                                }
                                if (settled.compareAndSet(false, true)) {
                                    opened.success(server);
                                } else {
                                    server.closeAsync(Duration.ZERO).subscribe();
                                }
                            });
        });
    }

    private void listen() throws IOException {
        socket = new NioServerSocketChannel(); // not on the event loop: the JDK reads a file for the first one
        server.start();
        address = (InetSocketAddress) server.getListenSockets().get(0);
    }

    private static Throwable taken(InetSocketAddress wanted, Throwable why) {
        return new IllegalStateException(
                "address: " + wanted.getAddress().getHostAddress() + ":" + wanted.getPort()
                        + " (expected: one that can be listened on)",
                why);
    }

    /**
     * Where it listens.
     *
     * @return the address, with the port that was free when any was asked for
     */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * How many observe now.
     *
     * @return zero or more
     */
    public int observations() {
        return handler.observations();
    }

    /**
     * Takes no more observations, lets those that go on come to their limit within a time, ends the others with UNAVAILABLE, and releases all
     * it has. The first call decides on the time.
     *
     * @param grace how long to wait, zero for not at all
     * @return completes when nothing is left; nothing happens before it is subscribed, and to cancel it does not keep the server
     */
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.defer(() -> {
            if (closes.compareAndSet(false, true)) {
                close(grace);
            }
            return closed.asMono();
        });
    }

    private void close(Duration grace) {
        server.shutdown();
        transports.last();
        Mono<Void> gone = transports.gone();
        Mono<Void> cut = Mono.<Void>fromRunnable(handler::close).then(gone.timeout(LAST_WORDS, forced(), timer));
        (grace.isZero() ? cut : gone.timeout(grace, cut, timer))
                .then(release())
                .subscribe(ended -> {}, closed::tryEmitError, closed::tryEmitEmpty);
    }

    /** Some do not even read that it is over. */
    private Mono<Void> forced() {
        return Mono.fromRunnable(server::shutdownNow);
    }

    private Mono<Void> release() {
        return Mono.defer(() -> {
            server.shutdownNow();
            if (tls != null) {
                tls.dispose();
            }
            return LoopThread.end(loop);
        });
    }

    @Override
    public String toString() {
        return "tap at " + address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
