package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.gateway.DrainProgress;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.http.Body;
import io.headgate.http.HttpReply;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Two of a kind restart one after the other behind a proxy that is under load, and no request is lost. */
@Timeout(120)
class RollingRestartTest {

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int REQUESTS = 1000;

    /** Something that can be ended in order and started anew in the same place. */
    private interface Restartable extends AutoCloseable {

        int port();

        void restart() throws Exception;
    }

    /** An upstream in this process. */
    private static final class Server implements Restartable {

        private Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
        private final int port = freePort();

        Server() throws IOException {
            open();
        }

        /** Tries for a while: a process that is just being started has copies of all sockets until it is the other program. */
        private void open() {
            gateway.listen("127.0.0.1", port, exchange -> {
                        exchange.body().discard();
                        return Mono.just(HttpReply.of(200).withBody(Body.utf8("here")));
                    })
                    .retryWhen(Retry.fixedDelay(100, Duration.ofMillis(20)).filter(IOException.class::isInstance))
                    .block(LONG);
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public void restart() {
            DrainProgress last = Objects.requireNonNull(gateway.drain(GRACE).blockLast(LONG));
            assertThat(last.cut()).isZero();
            assertThat(last.isDrained()).isTrue();
            gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
            open();
        }

        @Override
        public void close() {
            gateway.closeAsync().block(LONG);
        }
    }

    /** A gateway in a process of its own, ended by SIGTERM. */
    private static final class Fork implements Restartable {

        private final String scheme;
        private final String upstream;
        private final int port = freePort();
        private Forked process;

        Fork(String scheme, int upstream) throws Exception {
            this.scheme = scheme;
            this.upstream = scheme + "://127.0.0.1:" + upstream;
            start();
        }

        /**
         * It is there when it has answered. A port is open long before that on a machine that is busy, and then the first
         * connection of HTTP/2 would have to wait for its SETTINGS longer than a dial may take.
         */
        private void start() throws Exception {
            process = Forked.java(
                    "io.headgate.samples.Main",
                    "proxy",
                    "--event-loops",
                    "1",
                    "--listen",
                    "127.0.0.1:" + port,
                    "--upstream",
                    upstream);
            process.awaitLine("^listening on http://127.0.0.1:(\\d+) ");
            String protocol = scheme.equals("http") ? "--h1" : "-ph2c";
            assertThat(ToolsTest.run("h2load", "-n", "1", protocol, "http://127.0.0.1:" + port))
                    .contains("1 2xx");
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public void restart() throws Exception {
            assertThat(process.terminate()).isZero();
            assertThat(process.err()).isEmpty();
            process.close();
            start();
        }

        @Override
        public void close() throws Exception {
            process.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"--h1, http", "--h1, h2c", "-ph2c, http", "-ph2c, h2c"})
    void restartOfTwoUpstreamsLosesNoRequest(String protocol, String scheme) throws Exception {
        ToolsTest.require("h2load");
        try (Server one = new Server();
                Server two = new Server()) {
            restartUnderLoad(protocol, scheme, List.of(one, two, one, two));
        }
    }

    @ParameterizedTest
    @CsvSource({"--h1, http", "-ph2c, h2c"})
    void restartOfTwoGatewaysLosesNoRequest(String protocol, String scheme) throws Exception {
        ToolsTest.require("h2load");
        try (Server server = new Server();
                Fork one = new Fork(scheme, server.port());
                Fork two = new Fork(scheme, server.port())) {
            restartUnderLoad(protocol, scheme, List.of(one, two));
        }
    }

    /** Below those that systems give to clients: while nobody listens, a client must not come to sit on it. */
    private static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(15_000, 30_000);
            try (ServerSocket probe = new ServerSocket()) {
                probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (BindException e) {
                // the next one
            }
        }
    }

    private static void restartUnderLoad(String protocol, String scheme, List<? extends Restartable> turns)
            throws Exception {
        String first = scheme + "://127.0.0.1:" + turns.get(0).port();
        String second = scheme + "://127.0.0.1:" + turns.get(1).port();
        AtomicBoolean done = new AtomicBoolean();
        try (Running balancer = Proxies.start(first, "--upstream", second)) {
            CompletableFuture<List<String>> load =
                    CompletableFuture.supplyAsync(() -> load(protocol, balancer.url(), done));
            try {
                for (Restartable turn : turns) {
                    turn.restart();
                }
            } finally {
                done.set(true);
            }
            assertThat(load.join()).isNotEmpty().allSatisfy(RollingRestartTest::assertNothingLost);
        }
    }

    /** One run after the other, until everything has restarted. */
    private static List<String> load(String protocol, String url, AtomicBoolean done) {
        List<String> reports = new ArrayList<>();
        try {
            do {
                reports.add(ToolsTest.run(
                        "h2load",
                        "-n",
                        "" + REQUESTS,
                        "-c",
                        "8",
                        "-t",
                        "1",
                        "-m",
                        protocol.equals("--h1") ? "1" : "10",
                        "-N",
                        "30",
                        protocol,
                        url));
            } while (!done.get());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return reports;
    }

    private static void assertNothingLost(String report) {
        assertThat(report)
                .contains(REQUESTS + " succeeded, 0 failed, 0 errored, 0 timeout")
                .contains("status codes: " + REQUESTS + " 2xx, 0 3xx, 0 4xx, 0 5xx");
    }
}
