package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.forward.Networks;
import io.headgate.http.HttpReply;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TlsProvider;
import io.headgate.tls.TlsVersion;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** What a handshake agrees upon, and how those end that come to nothing. */
class ListenerHandshakeTest extends ListenerTlsTestBase {

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
}
