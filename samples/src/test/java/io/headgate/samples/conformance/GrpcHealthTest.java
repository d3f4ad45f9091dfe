package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.headgate.gateway.Gateway;
import io.headgate.health.GrpcCheck;
import io.headgate.health.Health;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The health check of gRPC against the health service of grpc-java. */
class GrpcHealthTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HealthStatusManager manager = new HealthStatusManager();
    private final Gateway gateway = Gateway.create();
    private Server server;

    @BeforeEach
    void serve() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(manager.getHealthService())
                .build()
                .start();
    }

    @AfterEach
    void close() throws Exception {
        gateway.closeAsync().block(PATIENCE);
        server.shutdownNow().awaitTermination();
    }

    private Health check(String service) {
        Endpoint endpoint = Endpoint.of("127.0.0.1", server.getPort()).withProtocol(Protocol.HTTP_2);
        return GrpcCheck.of(target -> gateway.upstream(target.toString()))
                .withService(service)
                .check(endpoint)
                .block(PATIENCE);
    }

    @Test
    void understandsWhatTheServerSays() {
        manager.setStatus("shop.Orders", ServingStatus.SERVING);
        manager.setStatus("shop.Users", ServingStatus.NOT_SERVING);

        assertThat(check("")).isEqualTo(Health.HEALTHY);
        assertThat(check("shop.Orders")).isEqualTo(Health.HEALTHY);
        assertThat(check("shop.Users")).isEqualTo(Health.unhealthy("serving status: NOT_SERVING (expected: SERVING)"));
        assertThat(check("shop.Nobody")).isEqualTo(Health.unhealthy("grpc-status: 5 (expected: 0)"));
    }
}
