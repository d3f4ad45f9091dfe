package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.http.TlsInfo;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.ServerTls.ClientAuth;
import io.headgate.tls.TlsProvider;
import io.headgate.tls.TrustAnchors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

@Timeout(60)
class UpstreamTlsTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** How long an idle connection may stay when its listener is closed: with TLS it is not told. */
    private static final Duration SHORT = Duration.ofMillis(50);

    private static final Pki PKI = new Pki();

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS
            .withEventLoops(1)
            .withSettings(MuxSettings.builder().linger(SHORT).build()));
    private final List<TlsInfo> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        gateway.closeAsync().block(LONG);
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
    }

    static Stream<Arguments> everyWay() {
        return Stream.of("https", "h2")
                .flatMap(scheme -> Stream.of(TlsProvider.JDK, TlsProvider.OPENSSL)
                        .map(provider -> Arguments.of(scheme, provider)));
    }

    private Listener listen(ServerTls tls) {
        return gateway.listen(ListenerSpec.of("127.0.0.1", 0).withTls(tls.withAuthorityCheck(false)), exchange -> {
                    seen.add(exchange.connection().tls());
                    return Mono.just(HttpReply.text(200, "hello"));
                })
                .block(LONG);
    }

    private static ClientTls trusting(TlsProvider provider) {
        return ClientTls.DEFAULTS.withTrust(PKI.trust()).withProvider(provider);
    }

    private static String call(Upstream upstream) {
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "orders.example", "/"), Body.empty());
        return upstream.call(exchange)
                .flatMap(reply -> reply.body().asString(1000))
                .block(LONG);
    }

    private static void assertNoConnection(Upstream upstream, String... why) {
        assertThatThrownBy(() -> call(upstream)).isInstanceOfSatisfying(UpstreamException.class, e -> {
            assertThat(e.failure()).isEqualTo(Failure.CONNECT);
            assertThat(e.status()).isEqualTo(503);
            assertThat(Objects.requireNonNull(e.getCause()).getMessage())
                    .startsWith("no connection to ")
                    .contains(why);
        });
    }

    // ---- whom to trust

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void upstreamIsAskedForTheHostOfItsUrl(String scheme, TlsProvider provider) {
        Listener listener = listen(ServerTls.of(PKI.credential("localhost")));
        Upstream upstream = gateway.upstream(trusting(provider), scheme + "://localhost:" + listener.port());
        assertThat(call(upstream)).isEqualTo("hello");
        assertThat(seen.get(0).serverName()).isEqualTo("localhost");
        assertThat(seen.get(0).protocol()).isEqualTo("TLSv1.3");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void addressIsCheckedAndNotAskedFor(String scheme, TlsProvider provider) {
        Listener listener = listen(ServerTls.of(PKI.credential("127.0.0.1")));
        assertThat(call(gateway.upstream(trusting(provider), scheme + "://127.0.0.1:" + listener.port())))
                .isEqualTo("hello");
        assertThat(seen.get(0).serverName()).isNull();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void certificateForAnotherHostIsNoConnection(String scheme, TlsProvider provider) {
        Listener listener = listen(ServerTls.of(PKI.credential("other.example")));
        assertNoConnection(
                gateway.upstream(trusting(provider), scheme + "://127.0.0.1:" + listener.port()),
                "TLS handshake: ",
                "127.0.0.1");
        assertNoConnection(
                gateway.upstream(trusting(provider), scheme + "://localhost:" + listener.port()),
                "TLS handshake: ",
                "localhost");
        assertThat(seen).isEmpty();
        assertThat(listener.tls().handshakes()).isZero();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void certificateOfAnUnknownAuthorityIsNoConnection(String scheme, TlsProvider provider) {
        Listener listener = listen(ServerTls.of(new Pki().credential("127.0.0.1")));
        String url = scheme + "://127.0.0.1:" + listener.port();
        assertNoConnection(gateway.upstream(trusting(provider), url), "TLS handshake: ", "valid certification path");
        assertNoConnection(
                gateway.upstream(ClientTls.DEFAULTS.withProvider(provider), url),
                "TLS handshake: ",
                "valid certification path");
        assertNoConnection(
                gateway.upstream(trusting(provider).dangerouslyWithoutHostNameCheck(), url),
                "TLS handshake: ",
                "valid certification path");
        assertThat(seen).isEmpty();
        assertThat(listener.tls().handshakes()).isZero();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void otherNameIsAskedForAndChecked(String scheme, TlsProvider provider) {
        Listener listener = listen(ServerTls.of(PKI.credential("127.0.0.1"), PKI.credential("orders.internal")));
        String url = scheme + "://127.0.0.1:" + listener.port();
        assertThat(call(gateway.upstream(trusting(provider).withServerName("orders.internal"), url)))
                .isEqualTo("hello");
        assertThat(seen.get(0).serverName()).isEqualTo("orders.internal");
        assertNoConnection(
                gateway.upstream(trusting(provider).withServerName("users.internal"), url), "users.internal");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void hostNameIsNotCheckedWhenThatIsTurnedOff(String scheme, TlsProvider provider) {
        Listener listener = listen(ServerTls.of(PKI.credential("other.example")));
        assertThat(call(gateway.upstream(
                        trusting(provider).dangerouslyWithoutHostNameCheck(),
                        scheme + "://127.0.0.1:" + listener.port())))
                .isEqualTo("hello");
    }

    // ---- client certificates

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void upstreamSeesTheIdentityOfTheGateway(String scheme, TlsProvider provider) {
        Listener listener =
                listen(ServerTls.of(PKI.credential("127.0.0.1")).withClientAuth(ClientAuth.REQUIRED, PKI.trust()));
        Credential own = PKI.credential("gateway.internal");
        assertThat(call(gateway.upstream(
                        trusting(provider).withCredential(own), scheme + "://127.0.0.1:" + listener.port())))
                .isEqualTo("hello");
        assertThat(seen.get(0).peer().dnsNames()).containsExactly("gateway.internal");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void upstreamThatWantsACertificateIsNotReachedWithoutOne(String scheme, TlsProvider provider) {
        Listener listener =
                listen(ServerTls.of(PKI.credential("127.0.0.1")).withClientAuth(ClientAuth.REQUIRED, PKI.trust()));
        Upstream upstream = gateway.upstream(trusting(provider), scheme + "://127.0.0.1:" + listener.port());
        // TLS 1.3 lets a client speak before the server has looked at its certificate, so it may be lost instead
        assertThatThrownBy(() -> call(upstream))
                .isInstanceOfSatisfying(
                        UpstreamException.class, e -> assertThat(e.failure()).isIn(Failure.CONNECT, Failure.LOST));
        assertThat(seen).isEmpty();
    }

    // ---- what else can go wrong

    @Test
    void tlsOfUpstreamsIsNeverIgnored() {
        assertThatThrownBy(() -> gateway.upstream(ClientTls.DEFAULTS, "https://a.example", "http://127.0.0.1:1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("upstream: http://127.0.0.1:1 (expected: https:// or h2://");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = {"JDK", "OPENSSL"})
    void upstreamThatOnlySpeaksHttp1IsNoConnectionForHttp2(TlsProvider provider) throws Exception {
        try (TlsServer server = new TlsServer("http/1.1")) {
            assertNoConnection(
                    gateway.upstream(trusting(provider), "h2://127.0.0.1:" + server.port()), "TLS handshake: ");
            assertThat(server.firstBytes()).isEmpty();
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = {"JDK", "OPENSSL"})
    void upstreamWithoutAlpnIsNoConnectionForHttp2AndIsOneForHttp1(TlsProvider provider) throws Exception {
        try (TlsServer server = new TlsServer()) {
            assertNoConnection(
                    gateway.upstream(trusting(provider), "h2://127.0.0.1:" + server.port()),
                    "ALPN: nothing selected (expected: h2)");
            assertThat(server.firstBytes()).isEmpty();
        }
        try (TlsServer server = new TlsServer()) {
            assertThat(call(gateway.upstream(trusting(provider), "https://127.0.0.1:" + server.port())))
                    .isEqualTo("ok");
            assertThat(server.firstBytes()).startsWith("GET / HTTP/1.1");
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = {"JDK", "OPENSSL"})
    void sessionsAreResumed(TlsProvider provider) throws Exception {
        try (TlsServer server = new TlsServer()) {
            Upstream upstream = gateway.upstream(trusting(provider), "https://127.0.0.1:" + server.port());
            assertThat(call(upstream)).isEqualTo("ok");
            assertThat(call(upstream)).isEqualTo("ok"); // on another connection: the server closes each
            assertThat(server.created.take()).isEqualTo(server.created.take());
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void handshakeThatDoesNotEndIsCutWithinTheConnectTimeout(String scheme, TlsProvider provider) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            MuxSettings settings = MuxSettings.builder()
                    .connect(Duration.ofMillis(200))
                    .maxAttempts(1)
                    .build();
            assertNoConnection(
                    gateway.upstream(settings, trusting(provider), scheme + "://127.0.0.1:" + silent.getLocalPort()),
                    "no TLS handshake in time");
            try (Socket dialled = silent.accept()) {
                dialled.setSoTimeout(10_000);
                dialled.getInputStream().readAllBytes(); // returns at the end
            }
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("everyWay")
    void upstreamInCleartextIsNoConnection(String scheme, TlsProvider provider) {
        Listener cleartext = gateway.listen("127.0.0.1", 0, exchange -> Mono.just(HttpReply.of(204)))
                .block(LONG);
        assertNoConnection(
                gateway.upstream(trusting(provider), scheme + "://127.0.0.1:" + cleartext.port()), "TLS handshake");
    }

    @Test
    void dialThatFailedCanBeMadeAgain() {
        Listener listener = listen(ServerTls.of(PKI.credential("127.0.0.1")));
        String url = "https://127.0.0.1:" + listener.port();
        Upstream doubting = gateway.upstream(ClientTls.DEFAULTS, url);
        for (int i = 0; i < 3; i++) {
            assertNoConnection(doubting, "TLS handshake");
        }
        assertThat(call(gateway.upstream(ClientTls.DEFAULTS.withTrust(PKI.trust()), url)))
                .isEqualTo("hello");
    }

    @Test
    void anchorsOfTheSystemAreThoseOfTheRuntime() {
        assertThat(TrustAnchors.system().isSystem()).isTrue();
        assertThat(ClientTls.DEFAULTS.trust()).isSameAs(TrustAnchors.system());
        assertThatThrownBy(() -> ClientTls.DEFAULTS.withServerName("127.0.0.1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("serverName: 127.0.0.1 (expected: a DNS name)");
    }

    /** A server of the JDK that answers one request on each connection, and tells what came first. */
    private static final class TlsServer implements AutoCloseable {

        private final ServerSocket accepting = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        private final BlockingQueue<String> first = new LinkedBlockingQueue<>();
        final BlockingQueue<Long> created = new LinkedBlockingQueue<>();
        private final javax.net.ssl.SSLContext context = PKI.context(PKI.issue("server", "127.0.0.1"));
        private final String[] alpn;

        TlsServer(String... alpn) throws IOException {
            this.alpn = alpn;
            Thread thread = new Thread(this::serve, "tls-server");
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return accepting.getLocalPort();
        }

        /** What the first connection began with; empty when it was closed before. */
        String firstBytes() throws InterruptedException {
            return Objects.requireNonNull(first.poll(20, TimeUnit.SECONDS));
        }

        private void serve() {
            while (!accepting.isClosed()) {
                try (Socket plain = accepting.accept()) {
                    serve(plain);
                } catch (IOException e) {
                    first.add("");
                }
            }
        }

        private void serve(Socket plain) throws IOException {
            try (SSLSocket socket = Pki.server(context, plain, false, alpn)) {
                byte[] buffer = new byte[16 * 1024];
                int read = socket.getInputStream().read(buffer);
                first.add(new String(buffer, 0, Math.max(0, read), StandardCharsets.US_ASCII));
                if (read > 0) {
                    created.add(socket.getSession().getCreationTime());
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
            }
        }

        @Override
        public void close() throws IOException {
            accepting.close();
        }
    }
}
