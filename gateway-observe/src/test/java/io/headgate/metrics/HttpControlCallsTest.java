package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of a control plane. */
@Timeout(30)
class HttpControlCallsTest {

    private static final MethodDescriptor<String, String> METHOD = MethodDescriptor.<String, String>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("test.Control/Say")
            .setRequestMarshaller(new Text())
            .setResponseMarshaller(new Text())
            .build();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final HttpMetrics metrics = HttpMetrics.of(registry, LinkerdConvention.DEFAULTS);
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void open() throws IOException {
        ServerServiceDefinition service = ServerServiceDefinition.builder("test.Control")
                .addMethod(METHOD, ServerCalls.asyncUnaryCall((request, answer) -> {
                    if (request.equals("away")) {
                        answer.onError(Status.UNAVAILABLE.asRuntimeException());
                    } else {
                        answer.onNext(request);
                        answer.onCompleted();
                    }
                }))
                .build();
        server = InProcessServerBuilder.forName("control")
                .directExecutor()
                .addService(service)
                .build()
                .start();
        channel = InProcessChannelBuilder.forName("control")
                .directExecutor()
                .intercept(HttpControlCalls.of(metrics, "control:8086", null))
                .build();
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        server.shutdownNow();
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    private String say(String what) {
        return ClientCalls.blockingUnaryCall(channel, METHOD, CallOptions.DEFAULT, what);
    }

    @Test
    void callsOfAControlPlaneAreMeasured() {
        assertThat(say("hello")).isEqualTo("hello");
        assertThatThrownBy(() -> say("away")).isInstanceOf(StatusRuntimeException.class);
        assertThat(registry.get("control_request")
                        .tags("addr", "control:8086")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("control_response")
                        .tags("classification", "success", "grpc_status", "0", "status_code", "200")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("control_response")
                        .tags("classification", "failure", "grpc_status", "14")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("control_response_latency_ms").summary().count())
                .isEqualTo(1);
    }

    private static final class Text implements MethodDescriptor.Marshaller<String> {

        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
