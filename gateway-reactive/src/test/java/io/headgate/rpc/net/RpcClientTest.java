package io.headgate.rpc.net;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.Service.Status;
import io.headgate.Trait;
import io.headgate.gateway.HeldPort;
import io.headgate.http.Body;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.Steps;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.test.ScriptedBody;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class RpcClientTest {

    private final Steps steps = new Steps();
    private @Nullable RpcServer server;
    private @Nullable RpcClient client;

    private RpcClient clientOf(RpcAddress address) {
        client = RpcClient.of(RpcClientSpec.of(address, HeadgateWire.DIALECT)
                .withBackoff(Backoff.exponential(Duration.ofSeconds(30), Duration.ofSeconds(60))));
        return client;
    }

    private RpcServer server(String address) {
        server = RpcServer.bind(RpcServerSpec.of(address, HeadgateWire.DIALECT)
                        .withHandler(steps.desk().echo()))
                .block(LONG);
        return server;
    }

    @AfterEach
    void close() {
        if (client != null) {
            client.closeAsync(Duration.ZERO).block(LONG);
        }
        if (server != null) {
            server.closeAsync(Duration.ZERO).block(LONG);
        }
        await().untilAsserted(steps.buffers::assertNoLeaks);
    }

    private String call() {
        return Steps.text(client.call(steps.request("echo", "hello"))).block(LONG);
    }

    @Test
    void connectsWhenItIsCalledAndSharesTheConnection() {
        RpcServer open = server("tcp://127.0.0.1:0");
        RpcClient calling = clientOf(open.address());
        assertThat(open.stats().accepted()).isZero();
        List<String> answers = Flux.range(0, 50)
                .flatMap(i -> Steps.text(calling.call(steps.request("echo", "hello"))), 50)
                .collectList()
                .block(LONG);
        assertThat(answers).hasSize(50).containsOnly("hello");
        assertThat(open.stats().accepted()).isEqualTo(1);
        assertThat(calling.status()).isEqualTo(Status.OPEN);
    }

    @Test
    void connectsAgainAfterALoss() {
        RpcServer open = server("tcp://127.0.0.1:0");
        client = RpcClient.of(RpcClientSpec.of(open.address(), HeadgateWire.DIALECT)
                .withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(10))));
        RpcConnection first = client.connection().block(LONG);
        first.abort("lost");
        first.closed().block(LONG);
        await().ignoreExceptions().untilAsserted(() -> assertThat(call()).isEqualTo("hello"));
        assertThat(open.stats().accepted()).isEqualTo(2);
    }

    @Test
    void isRefusedWithTheAddressAndTheCauseAndThenAtOnceUntilTheBackoffIsOver() throws IOException {
        try (HeldPort port = new HeldPort()) {
            RpcClient calling = clientOf(RpcAddress.of("tcp://127.0.0.1:" + port.number()));
            ScriptedBody body = ScriptedBody.create();
            RpcException first = failure(calling.call(steps.request("echo", Content.JSON, body)));
            assertThat(first.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
            assertThat(first.is(Trait.RETRYABLE)).isTrue();
            assertThat(first.getMessage())
                    .startsWith("tcp://127.0.0.1:" + port.number() + ": ")
                    .containsIgnoringCase("refused");
            assertThat(body.discards()).isPositive();
            assertThat(calling.status()).isEqualTo(Status.BUSY);
            RpcException second = failure(calling.call(steps.request("echo", "x")));
            assertThat(second.getMessage()).contains("refused").contains("; next attempt in ");
        }
    }

    @Test
    void givesUpOnAServerThatSaysNothing() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RpcException failure = failure(
                    RpcClient.connect(RpcClientSpec.of("tcp://127.0.0.1:" + mute.getLocalPort(), HeadgateWire.DIALECT)
                            .withConnectTimeout(Duration.ofMillis(50))));
            assertThat(failure.getMessage())
                    .isEqualTo("tcp://127.0.0.1:" + mute.getLocalPort() + ": no handshake of "
                            + HeadgateWire.DIALECT.name() + " in time (expected: within PT0.05S)");
        }
    }

    @Test
    void aCallWaitsForAConnectionWithinItsDeadline() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RpcClient calling = clientOf(RpcAddress.of("tcp://127.0.0.1:" + mute.getLocalPort()));
            Body body = steps.one("x");
            RpcException failure = failure(calling.call(
                    steps.request("echo", Content.JSON, body).withDeadline(Deadline.after(Duration.ofMillis(50)))));
            assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        }
    }

    @Test
    void aConnectionThatNobodyWaitsForAnyMoreIsCut() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var connecting = RpcClient.connect(
                            RpcClientSpec.of("tcp://127.0.0.1:" + mute.getLocalPort(), HeadgateWire.DIALECT))
                    .subscribe();
            try (var accepted = mute.accept()) {
                connecting.dispose();
                assertThat(isEnded(accepted)).isTrue();
            }
        }
    }

    /** By an end or by a reset, as what is unread makes it. */
    private static boolean isEnded(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketException reset) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void afterItsEndItRefusesCalls() {
        RpcClient calling = clientOf(server("tcp://127.0.0.1:0").address());
        assertThat(call()).isEqualTo("hello");
        calling.closeAsync(LONG).block(LONG);
        assertThat(calling.status()).isEqualTo(Status.CLOSED);
        RpcException failure = failure(calling.call(steps.request("echo", "x")));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(failure.is(Trait.RETRYABLE)).isTrue();
    }

    @Test
    void aNameThatNobodyListensOnIsSaid() {
        RpcException failure = failure(RpcClient.connect(RpcClientSpec.of("local:nobody", HeadgateWire.DIALECT)));
        assertThat(failure.getMessage()).startsWith("local:nobody: ");
        RpcException unix = failure(RpcClient.connect(RpcClientSpec.of("unix:/nowhere/a.sock", HeadgateWire.DIALECT)));
        assertThat(unix.getMessage()).startsWith("unix:/nowhere/a.sock: ");
    }
}
