package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mount.ReactorNettyMount;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** A service mounted in a Reactor Netty server between scripted peers; no exchange and no buffer may outlive it. */
final class MountRig implements AutoCloseable {

    final Outcomes outcomes = new Outcomes();
    final Gateway gateway =
            Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1).withSettings(Rig.SETTINGS));
    final Peer upstream;
    final DisposableServer server;
    final Pair pair;
    private final LeakTrackingAllocator buffers = LeakTrackingAllocator.create();
    private final List<AutoCloseable> clients = new ArrayList<>();

    /** With a null service in front of the upstream. */
    MountRig(Pair pair, Service<HttpExchange, HttpReply> service) throws IOException {
        this(pair, service, Rig.SETTINGS, asItIs -> asItIs);
    }

    MountRig(
            Pair pair,
            Service<HttpExchange, HttpReply> service,
            MuxSettings settings,
            UnaryOperator<HttpServer> configured)
            throws IOException {
        this.pair = pair;
        upstream = pair.h1Back() ? new H1Peer(0) : new H2Peer(0);
        ReactorNettyMount mount = ReactorNettyMount.of(service != null ? service : gateway.upstream(upstream.url()))
                .withSettings(settings)
                .withObservers(outcomes);
        HttpServer plain = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .childOption(ChannelOption.ALLOCATOR, buffers)
                .protocol(HttpProtocol.HTTP11, HttpProtocol.H2C)
                .handle(mount);
        server = configured.apply(plain).bindNow();
    }

    Client client() throws IOException {
        return closing(
                pair.h1Front() ? new H1Client(server.port()) : new H2Client(server.port(), H2Wire.DEFAULT_WINDOW));
    }

    /** Closes a client when the rig is closed. */
    <C extends Client> C closing(C client) {
        clients.add(client);
        return client;
    }

    UpstreamCall take() throws InterruptedException {
        return upstream.take();
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
        try {
            await().untilAsserted(
                            () -> assertThat(gateway.stats().backExchanges()).isZero());
            await().untilAsserted(outcomes::assertOneEndEach);
        } finally {
            server.disposeNow();
            gateway.closeAsync().block(Duration.ofSeconds(10));
            upstream.close();
        }
        await().untilAsserted(buffers::assertNoLeaks);
    }

    /** Looks often: what is waited for takes no time. */
    private static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }
}
