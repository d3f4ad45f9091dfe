package io.headgate.samples;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.headgate.discovery.linkerd.DestinationServer;
import io.headgate.discovery.linkerd.LinkerdDestination;
import io.headgate.discovery.linkerd.LinkerdSettings;
import io.headgate.profile.ProfileSource;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.SourceObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Schedulers;

/** A registry offered by the destination API on loopback, which can go away and come back at its port, and a client of it. */
final class ControlPlane implements AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final EndpointRegistry registry;
    private final ManagedChannel channel;
    private final int port;
    private Server server;

    ControlPlane(EndpointRegistry registry) throws IOException {
        this.registry = registry;
        this.server = listen(0);
        this.port = server.getPort();
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    private Server listen(int on) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", on))
                .addService(DestinationServer.of(registry, ProfileSource.NONE))
                .build()
                .start();
    }

    int port() {
        return port;
    }

    /** Asks over the wire. */
    Resolver client(SourceAges ages) {
        return LinkerdDestination.over(
                channel, LinkerdSettings.DEFAULTS, ages, SourceObserver.NONE, Schedulers.parallel());
    }

    /** Cuts all streams; nobody listens at the port any more. */
    void goAway() throws InterruptedException {
        server.shutdownNow();
        if (!server.awaitTermination(BOUND.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("control plane: running (expected: ended within " + BOUND + ")");
        }
    }

    void comeBack() throws InterruptedException {
        if (!Until.met(this::listensAgain, BOUND)) {
            throw new IllegalStateException("control plane: port " + port + " (expected: free within " + BOUND + ")");
        }
    }

    /** A port may be taken for a moment, by a dial to it that the system has given the same port. */
    private boolean listensAgain() {
        try {
            server = listen(port);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        try {
            channel.awaitTermination(BOUND.toSeconds(), TimeUnit.SECONDS);
            server.awaitTermination(BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
