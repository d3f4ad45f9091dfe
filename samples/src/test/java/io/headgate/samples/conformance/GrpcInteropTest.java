package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ChannelCredentials;
import io.grpc.ForwardingServerBuilder;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.integration.AbstractInteropTest;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.Listener;
import io.headgate.gateway.ListenerSpec;
import io.headgate.gateway.Upstream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.After;

/**
 * The interop suite of grpc-java with a gateway between its client and its server, HTTP/2 on both sides: unary calls,
 * streams of all kinds, ping-pong, status, metadata, deadlines, cancellation, flow control, unimplemented methods.
 */
public class GrpcInteropTest extends AbstractInteropTest {

    private static final Duration SETTLED = Duration.ofSeconds(5);

    private Server server;
    private final List<Gateway> gateways = new ArrayList<>();
    private int port;

    /** Keeps hold of what is built: the suite tells nobody outside its package which port the server was given. */
    @Override
    protected ServerBuilder<?> getServerBuilder() {
        return new Remembering(NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0), serverCredentials())
                .flowControlWindow(TEST_FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(MAX_MESSAGE_SIZE));
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        return NettyChannelBuilder.forAddress("127.0.0.1", gatewayPort(), channelCredentials())
                .flowControlWindow(TEST_FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(MAX_MESSAGE_SIZE);
    }

    /** How the server is protected, here and below: not at all. */
    ServerCredentials serverCredentials() {
        return InsecureServerCredentials.create();
    }

    ChannelCredentials channelCredentials() {
        return InsecureChannelCredentials.create();
    }

    ListenerSpec listener(ListenerSpec spec) {
        return spec;
    }

    Upstream upstream(Gateway on, int port) {
        return on.upstream("h2c://127.0.0.1:" + port);
    }

    private int gatewayPort() {
        if (port == 0) {
            port = startGateways(server.getPort());
        }
        return port;
    }

    /** Starts what is between client and server, and tells where the client connects. */
    protected int startGateways(int serverPort) {
        Gateway gateway = hold(Gateway.create());
        Listener listener = Objects.requireNonNull(
                gateway.listen(listener(ListenerSpec.of("127.0.0.1", 0)), upstream(gateway, serverPort))
                        .block());
        return listener.port();
    }

    /** Remembers a gateway that is to be empty at the end of a test, and closed. */
    protected final Gateway hold(Gateway gateway) {
        gateways.add(gateway);
        return gateway;
    }

    /** Census counts bytes on the wire of one connection; here there are two. */
    @Override
    protected boolean metricsExpected() {
        return false;
    }

    @Override
    @After
    public void tearDown() {
        super.tearDown();
        for (Gateway gateway : gateways) {
            await().atMost(SETTLED).untilAsserted(() -> assertNothingHeld(gateway));
            gateway.closeAsync().block();
        }
    }

    private static void assertNothingHeld(Gateway gateway) {
        GatewayStats stats = gateway.stats();
        assertThat(stats.frontExchanges()).as("exchanges of clients").isZero();
        assertThat(stats.backExchanges()).as("exchanges with the server").isZero();
        assertThat(stats.pending()).as("exchanges that wait").isZero();
    }

    private final class Remembering extends ForwardingServerBuilder<Remembering> {

        private final ServerBuilder<?> builder;

        Remembering(ServerBuilder<?> builder) {
            this.builder = builder;
        }

        @Override
        protected ServerBuilder<?> delegate() {
            return builder;
        }

        @Override
        public Server build() {
            server = super.build();
            return server;
        }
    }
}
