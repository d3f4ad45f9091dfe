package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.forward.Networks;
import io.headgate.http.HttpReply;
import io.headgate.http.TlsInfo;
import io.headgate.tls.CertificateSet;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.ServerTls.ClientAuth;
import io.headgate.tls.TlsProvider;
import io.headgate.tls.TlsVersion;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

@Timeout(60)
class ListenerTlsTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Pki PKI = new Pki();

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final List<TlsInfo> seen = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        gateway.closeAsync().block(LONG);
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
    }

    private Listener listen(ServerTls tls) {
        return gateway.listen(ListenerSpec.of("127.0.0.1", 0).withTls(tls), exchange -> {
                    seen.add(exchange.connection().tls());
                    return Mono.just(HttpReply.text(200, "hello"));
                })
                .block(LONG);
    }

    private Socket plain(Listener listener) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), listener.port());
        socket.setSoTimeout(10_000);
        opened.add(socket);
        return socket;
    }

    private SSLSocket connect(Listener listener, String serverName, String... alpn) throws IOException {
        return Pki.client(PKI.context(null), plain(listener), serverName, alpn);
    }

    private static int get(SSLSocket socket, String host) throws IOException {
        socket.getOutputStream()
                .write(("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed after: " + head);
            }
            head.append((char) b);
        }
        String length = head.toString().replaceAll("(?is).*content-length: (\\d+).*", "$1");
        in.readNBytes(Integer.parseInt(length));
        return Integer.parseInt(head.substring(9, 12));
    }

    @Test
    void proxyProtocolComesBeforeTheHandshake() throws Exception {
        List<String> clients = new CopyOnWriteArrayList<>();
        ListenerSpec spec = ListenerSpec.of("127.0.0.1", 0)
                .withTls(ServerTls.of(PKI.credential("a.example")))
                .withProxyProtocol(ProxyProtocol.requiredFrom(Networks.of("127.0.0.0/8")));
        Listener listener = gateway.listen(spec, exchange -> {
                    clients.add(exchange.connection().remoteAddress() + " "
                            + exchange.connection().isSecure());
                    return Mono.just(HttpReply.text(200, "hello"));
                })
                .block(LONG);
        Socket socket = plain(listener);
        socket.getOutputStream()
                .write("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(get(Pki.client(PKI.context(null), socket, "a.example"), "a.example"))
                .isEqualTo(200);
        assertThat(clients).containsExactly("/203.0.113.9:4711 true");
    }

    private static String shownTo(SSLSocket socket) throws IOException {
        return Pki.shown(socket).getSubjectX500Principal().getName();
    }

    private static void awaitFailed(Listener listener, int count) {
        Awaitility.await().atMost(LONG).until(() -> listener.tls().failedHandshakes() == count);
    }

    // ---- certificates

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void certificateIsChosenByNameThenByWildcardThenTheFirst(TlsProvider provider) throws Exception {
        Listener listener = listen(ServerTls.of(
                        PKI.credential("default.example"),
                        PKI.credential("*.shop.example", "shop.example"),
                        PKI.credential("special.shop.example"))
                .withProvider(provider));
        assertThat(shownTo(connect(listener, "special.shop.example"))).isEqualTo("CN=special.shop.example");
        assertThat(shownTo(connect(listener, "SPECIAL.shop.example"))).isEqualTo("CN=special.shop.example");
        assertThat(shownTo(connect(listener, "any.shop.example"))).isEqualTo("CN=*.shop.example");
        assertThat(shownTo(connect(listener, "shop.example"))).isEqualTo("CN=*.shop.example");
        assertThat(shownTo(connect(listener, "a.b.shop.example"))).isEqualTo("CN=default.example");
        assertThat(shownTo(connect(listener, "unknown.example"))).isEqualTo("CN=default.example");
        assertThat(shownTo(connect(listener, "127.0.0.1"))).isEqualTo("CN=default.example"); // sends no name
        Awaitility.await().atMost(LONG).until(() -> listener.tls().handshakes() == 7);
        assertThat(listener.tls().failedHandshakes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void newCertificatesAreForNewConnectionsAndOldOnesGoOn(TlsProvider provider) throws Exception {
        CertificateSet before = CertificateSet.of(Pki.credential(PKI.issue("before", "test.example")));
        CertificateSet after = CertificateSet.of(Pki.credential(PKI.issue("after", "test.example")));
        Sinks.Many<CertificateSet> source = Sinks.many().replay().latest();
        source.tryEmitNext(before).orThrow();
        Listener listener = listen(ServerTls.of(source.asFlux()).withProvider(provider));
        SSLSocket old = connect(listener, "test.example");
        assertThat(get(old, "test.example")).isEqualTo(200);

        source.tryEmitNext(after).orThrow();
        Awaitility.await().atMost(LONG).until(() -> listener.tls().certificates() == after);

        assertThat(shownTo(connect(listener, "test.example"))).isEqualTo("CN=after");
        assertThat(get(old, "test.example")).isEqualTo(200);
        assertThat(shownTo(old)).isEqualTo("CN=before");
        listener.closeAsync().block(LONG);
        Awaitility.await().atMost(LONG).until(() -> source.currentSubscriberCount() == 0);
    }

    @Test
    void unusableCertificatesAreRefusedAndTheLastGoodStay() throws Exception {
        Sinks.Many<CertificateSet> source = Sinks.many().replay().latest();
        source.tryEmitNext(CertificateSet.of(PKI.credential("good.example"))).orThrow();
        Listener listener = listen(ServerTls.of(source.asFlux()).withProvider(TlsProvider.JDK));
        source.tryEmitNext(unusable()).orThrow();
        CertificateSet better = CertificateSet.of(PKI.credential("better.example"));
        assertThat(shownTo(connect(listener, "good.example"))).isEqualTo("CN=good.example");
        source.tryEmitNext(better).orThrow();
        Awaitility.await().atMost(LONG).until(() -> listener.tls().certificates() == better);
    }

    @Test
    void listenerDoesNotOpenWithUnusableCertificatesOrNone() {
        ListenerSpec spec = ListenerSpec.of("127.0.0.1", 0);
        StepVerifier.create(gateway.listen(
                        spec.withTls(ServerTls.of(unusable()).withProvider(TlsProvider.JDK)), exchange -> Mono.empty()))
                .expectErrorMatches(e ->
                        e instanceof IllegalArgumentException && e.getMessage().endsWith("(expected: usable ones)"))
                .verify(LONG);
        StepVerifier.create(gateway.listen(spec.withTls(ServerTls.of(Flux.empty())), exchange -> Mono.empty()))
                .expectErrorMessage("certificates: none (expected: at least one set)")
                .verify(LONG);
        StepVerifier.create(gateway.listen(
                        spec.withTls(ServerTls.of(Flux.error(new IOException("gone")))), exchange -> Mono.empty()))
                .expectErrorMessage("gone")
                .verify(LONG);
    }

    @Test
    void sourceIsLeftWhenThePortCannotBeOpened() {
        Sinks.Many<CertificateSet> source = Sinks.many().replay().latest();
        source.tryEmitNext(CertificateSet.of(PKI.credential("test.example"))).orThrow();
        ServerTls tls = ServerTls.of(source.asFlux());
        Listener first = listen(tls);
        StepVerifier.create(gateway.listen(
                        ListenerSpec.of("127.0.0.1", first.port()).withTls(tls), exchange -> Mono.empty()))
                .expectError(IOException.class)
                .verify(LONG);
        assertThat(source.currentSubscriberCount()).isEqualTo(1);
    }

    /** With a key that no provider can use. */
    private static CertificateSet unusable() {
        PrivateKey useless = new PrivateKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getAlgorithm() {
                return "none";
            }

            @Override
            public String getFormat() {
                return null;
            }

            @Override
            public byte[] getEncoded() {
                return null;
            }
        };
        return CertificateSet.of(
                Credential.of(useless, PKI.issue("useless", "test.example").getCertificatePathList()));
    }

    // ---- client certificates

    @ParameterizedTest
    @CsvSource({"JDK, REQUIRED", "JDK, OPTIONAL", "OPENSSL, REQUIRED", "OPENSSL, OPTIONAL"})
    void identityOfTheClientIsOnTheExchange(TlsProvider provider, ClientAuth auth) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(auth, PKI.trust()));
        X509Bundle client = PKI.issue("orders", "orders.internal", "spiffe://example.org/orders");
        SSLSocket socket = Pki.client(PKI.context(client), plain(listener), "test.example");
        assertThat(get(socket, "test.example")).isEqualTo(200);
        TlsInfo tls = seen.get(0);
        assertThat(tls.peer().subject()).isEqualTo("CN=orders");
        assertThat(tls.peer().dnsNames()).containsExactly("orders.internal");
        assertThat(tls.peer().spiffeId()).isEqualTo("spiffe://example.org/orders");
        assertThat(tls.peer()).isSameAs(tls.peer());
        assertThat(tls.peerCertificates().get(0)).isEqualTo(client.getCertificate());
        assertThat(tls.serverName()).isEqualTo("test.example");
        assertThat(tls.protocol()).isEqualTo("TLSv1.3");
        assertThat(tls.cipherSuite()).startsWith("TLS_");
        assertThat(get(socket, "test.example")).isEqualTo(200);
        assertThat(seen.get(1)).isSameAs(tls);
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void clientWithoutACertificateHasNoIdentityWhereItIsOptional(TlsProvider provider) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(ClientAuth.OPTIONAL, PKI.trust()));
        assertThat(get(connect(listener, "test.example"), "test.example")).isEqualTo(200);
        assertThat(seen.get(0).peer()).isNull();
        assertThat(seen.get(0).peerCertificates()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void clientWithoutACertificateIsRefusedWhereItIsRequired(TlsProvider provider) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(ClientAuth.REQUIRED, PKI.trust()));
        assertThatThrownBy(() -> get(connect(listener, "test.example"), "test.example"))
                .isInstanceOf(IOException.class);
        awaitFailed(listener, 1);
        assertThat(seen).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"JDK, REQUIRED", "JDK, OPTIONAL", "OPENSSL, REQUIRED", "OPENSSL, OPTIONAL"})
    void clientOfAnAuthorityThatIsNotTrustedIsRefused(TlsProvider provider, ClientAuth auth) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(auth, new Pki().trust()));
        X509Bundle stranger = PKI.issue("stranger", "stranger.example");
        assertThatThrownBy(() -> get(Pki.client(insistent(stranger), plain(listener), "test.example"), "test.example"))
                .isInstanceOf(IOException.class);
        awaitFailed(listener, 1);
        assertThat(seen).isEmpty();
    }

    /** A client that shows its certificate whichever issuers it was asked for. */
    private static SSLContext insistent(X509Bundle own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        javax.net.ssl.X509KeyManager keys =
                (javax.net.ssl.X509KeyManager) own.toKeyManagerFactory().getKeyManagers()[0];
        String alias = keys.getClientAliases("EC", null)[0];
        context.init(
                new javax.net.ssl.KeyManager[] {
                    new javax.net.ssl.X509ExtendedKeyManager() {
                        @Override
                        public String[] getClientAliases(String type, java.security.Principal[] issuers) {
                            return new String[] {alias};
                        }

                        @Override
                        public String chooseClientAlias(
                                String[] types, java.security.Principal[] issuers, Socket socket) {
                            return alias;
                        }

                        @Override
                        public String[] getServerAliases(String type, java.security.Principal[] issuers) {
                            return new String[0];
                        }

                        @Override
                        public String chooseServerAlias(String type, java.security.Principal[] issuers, Socket socket) {
                            return null;
                        }

                        @Override
                        public java.security.cert.X509Certificate[] getCertificateChain(String chosen) {
                            return keys.getCertificateChain(chosen);
                        }

                        @Override
                        public PrivateKey getPrivateKey(String chosen) {
                            return keys.getPrivateKey(chosen);
                        }
                    }
                },
                trusting(),
                null);
        return context;
    }

    private static javax.net.ssl.TrustManager[] trusting() {
        return new javax.net.ssl.TrustManager[] {
            new javax.net.ssl.X509TrustManager() {
                @Override
                public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

                @Override
                public java.security.cert.X509Certificate[] getAcceptedIssuers() {
                    return new java.security.cert.X509Certificate[0];
                }
            }
        };
    }

    // ---- the handshake

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void clientChoosesTheProtocolByAlpn(TlsProvider provider) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example")).withProvider(provider));
        assertThat(connect(listener, "test.example", "http/1.1", "h2").getApplicationProtocol())
                .isEqualTo("h2");
        SSLSocket http1 = connect(listener, "test.example", "http/1.1");
        assertThat(http1.getApplicationProtocol()).isEqualTo("http/1.1");
        assertThat(get(http1, "test.example")).isEqualTo(200);
        SSLSocket silent = connect(listener, "test.example");
        assertThat(silent.getApplicationProtocol()).isEmpty();
        assertThat(get(silent, "test.example")).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"JDK, 2, TLS_1_2", "OPENSSL, 2, TLS_1_2", "JDK, 3, TLS_1_3", "OPENSSL, 3, TLS_1_3"})
    void olderVersionsOfTlsAreRefused(TlsProvider provider, int minor, TlsVersion least) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withLeastVersion(least));
        Socket socket = plain(listener);
        socket.getOutputStream().write(helloOf(minor));
        byte[] answer = socket.getInputStream().readAllBytes();
        assertThat(answer[0]).as("content type").isEqualTo((byte) 21);
        assertThat(answer[6]).as("alert: protocol_version").isEqualTo((byte) 70);
        awaitFailed(listener, 1);
    }

    /** A ClientHello of an old version: 3.2 is TLS 1.1. */
    private static byte[] helloOf(int minor) {
        ByteBuffer hello = ByteBuffer.allocate(200);
        hello.put(new byte[] {22, 3, 1, 0, 0, 1, 0, 0, 0, 3, (byte) minor});
        hello.put(new byte[32]).put((byte) 0);
        hello.put(new byte[] {0, 4, (byte) 0xc0, 0x2b, (byte) 0xc0, 0x0a}).put(new byte[] {1, 0});
        byte[] extensions = {
            0, 10, 0, 4, 0, 2, 0, 23, // groups: secp256r1
            0, 13, 0, 4, 0, 2, 4, 3, // signatures: ecdsa_secp256r1_sha256
            0, 11, 0, 2, 1, 0 // points: uncompressed
        };
        hello.putShort((short) extensions.length).put(extensions);
        hello.putShort(3, (short) (hello.position() - 5)).putShort(7, (short) (hello.position() - 9));
        return java.util.Arrays.copyOf(hello.array(), hello.position());
    }

    @Test
    void clientHelloAboveTheBoundIsRefusedBeforeItHasCome() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example")));
        Socket socket = plain(listener);
        int length = ServerTls.DEFAULT_MAX_CLIENT_HELLO + 1;
        socket.getOutputStream().write(new byte[] {22, 3, 1, 0, 4, 1, 0, (byte) (length >> 8), (byte) length});
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        awaitFailed(listener, 1);
    }

    @ParameterizedTest
    @EnumSource
    void handshakeThatStopsIsCutInTime(Stop stop) throws Exception {
        Listener listener =
                listen(ServerTls.of(PKI.credential("test.example")).withHandshakeTimeout(Duration.ofMillis(300)));
        Socket socket = plain(listener);
        byte[] hello = hello();
        switch (stop) {
            case BEFORE_THE_HELLO -> {}
            case WITHIN_THE_HELLO -> socket.getOutputStream().write(java.util.Arrays.copyOf(hello, hello.length / 2));
            case AFTER_THE_HELLO -> socket.getOutputStream().write(hello);
        }
        socket.getInputStream().readAllBytes(); // returns at the end
        awaitFailed(listener, 1);
        Awaitility.await().atMost(LONG).until(() -> gateway.stats().frontConnections() == 0);
    }

    private enum Stop {
        BEFORE_THE_HELLO,
        WITHIN_THE_HELLO,
        AFTER_THE_HELLO
    }

    private static byte[] hello() throws Exception {
        SSLEngine engine = PKI.context(null).createSSLEngine("test.example", 443);
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(32 * 1024);
        engine.wrap(ByteBuffer.allocate(0), hello);
        return java.util.Arrays.copyOf(hello.array(), hello.position());
    }

    @Test
    void cleartextIsRefused() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example")));
        Socket socket = plain(listener);
        socket.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: test.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().readAllBytes();
        awaitFailed(listener, 1);
        assertThat(seen).isEmpty();
    }

    @Test
    void connectionThatIsOnlyOpenedAndClosedIsNoFailedHandshake() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example")));
        plain(listener).close();
        assertThat(get(connect(listener, "test.example"), "test.example")).isEqualTo(200);
        assertThat(listener.tls().failedHandshakes()).isZero();
    }

    @Test
    void clientThatStopsWithinTheHandshakeIsOneFailure() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example")));
        Socket socket = plain(listener);
        socket.getOutputStream().write(hello());
        socket.getInputStream().read();
        socket.close();
        awaitFailed(listener, 1);
    }

    // ---- authorities

    @Test
    void commonNameIsNoNameOfACertificate() throws Exception {
        Listener listener = listen(ServerTls.of(
                Pki.credential(PKI.issue(new CertificateBuilder().ecp256().subject("CN=test.example")))));
        assertThat(get(connect(listener, "test.example"), "test.example")).isEqualTo(421);
    }

    @Test
    void authoritiesAreNotCheckedWhenThatIsTurnedOff() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example")).withAuthorityCheck(false));
        assertThat(get(connect(listener, "test.example"), "evil.example")).isEqualTo(200);
    }

    @Test
    void addressesOfACertificateAreAuthorities() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("127.0.0.1", "::1")));
        SSLSocket socket = connect(listener, "127.0.0.1");
        assertThat(get(socket, "127.0.0.1:" + listener.port())).isEqualTo(200);
        assertThat(get(socket, "[0:0:0:0:0:0:0:1]:443")).isEqualTo(200);
        assertThat(get(socket, "127.0.0.2")).isEqualTo(421);
    }

    @Test
    void tlsOfUpstreamsIsNeverIgnored() {
        assertThatThrownBy(() -> gateway.upstream(ClientTls.DEFAULTS, "https://a.example", "http://127.0.0.1:1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("upstream: http://127.0.0.1:1 (expected: https:// or h2://");
    }
}
