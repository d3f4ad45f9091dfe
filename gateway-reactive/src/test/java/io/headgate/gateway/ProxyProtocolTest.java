package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.forward.Networks;
import io.headgate.http.HttpReply;
import io.headgate.mux.MuxSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

@Timeout(30)
class ProxyProtocolTest {

    private static final Networks LOOPBACK = Networks.of("127.0.0.0/8");
    private static final Networks ELSEWHERE = Networks.of("203.0.113.0/24");
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    private static final String V1 = "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n";
    private static final byte[] V2_SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    private static final int V2_PROXY = 0x21;
    private static final int V2_LOCAL = 0x20;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;

    private final AtomicInteger requests = new AtomicInteger();
    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS
            .withEventLoops(1)
            .withSettings(MuxSettings.builder()
                    .requestHead(Duration.ofMillis(300))
                    .tick(Duration.ofMillis(10))
                    .build()));

    @AfterEach
    void close() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(
                        () -> assertThat(gateway.stats().frontConnections()).isZero());
        gateway.closeAsync().block(Duration.ofSeconds(5));
    }

    @Test
    void version1TellsBothEnds() throws Exception {
        assertThat(exchange(required(), ascii(V1 + REQUEST))).endsWith("203.0.113.9:4711 -> 192.0.2.1:443");
    }

    @Test
    void version1KnowsIpv6() throws Exception {
        assertThat(exchange(required(), ascii("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n" + REQUEST)))
                .endsWith("2001:db8:0:0:0:0:0:1:4711 -> 2001:db8:0:0:0:0:0:2:443");
    }

    @Test
    void version2TellsBothEnds() throws Exception {
        assertThat(exchange(required(), v2(V2_PROXY, TCP4, v4Ends(), 0))).endsWith("203.0.113.9:4711 -> 192.0.2.1:443");
        byte[] ends = ByteBuffer.allocate(36)
                .put(InetAddress.getByName("2001:db8::1").getAddress())
                .put(InetAddress.getByName("2001:db8::2").getAddress())
                .putShort((short) 4711)
                .putShort((short) 443)
                .array();
        assertThat(exchange(required(), v2(V2_PROXY, TCP6, ends, 0)))
                .endsWith("2001:db8:0:0:0:0:0:1:4711 -> 2001:db8:0:0:0:0:0:2:443");
    }

    @Test
    void version2KnowsUnixSockets() throws Exception {
        byte[] ends = ByteBuffer.allocate(216)
                .put(ascii("/run/client.sock"))
                .position(108)
                .put(ascii("/run/proxy.sock"))
                .array();
        assertThat(exchange(required(), v2(V2_PROXY, 0x31, ends, 0))).endsWith("/run/client.sock -> /run/proxy.sock");
    }

    @Test
    void extensionsOfVersion2AreSkipped() throws Exception {
        assertThat(exchange(required(), v2(V2_PROXY, TCP4, v4Ends(), 500)))
                .endsWith("203.0.113.9:4711 -> 192.0.2.1:443");
    }

    @Test
    void aHeaderMayComeInPieces() throws Exception {
        try (Socket socket = connect(required())) {
            for (byte b : v2(V2_PROXY, TCP4, v4Ends(), 20)) {
                socket.getOutputStream().write(b);
                socket.getOutputStream().flush();
            }
            assertThat(rest(socket)).endsWith("203.0.113.9:4711 -> 192.0.2.1:443");
        }
    }

    @Test
    void aHeaderWithoutAddressesLeavesThoseOfTheConnection() throws Exception {
        assertThat(exchange(required(), v2(V2_LOCAL, TCP4, v4Ends(), 0))).contains("127.0.0.1:");
        assertThat(exchange(required(), v2(V2_LOCAL, 0, new byte[0], 0))).contains("127.0.0.1:");
        assertThat(exchange(required(), ascii("PROXY UNKNOWN\r\n" + REQUEST))).contains("127.0.0.1:");
        assertThat(exchange(required(), ascii("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n" + REQUEST)))
                .contains("127.0.0.1:");
    }

    @Test
    void http2FollowsAHeaderAsWell() throws Exception {
        String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
        try (Socket socket = connect(required())) {
            send(socket, ascii(V1 + preface), settings);
            byte[] answer = socket.getInputStream().readNBytes(9);
            assertThat(answer[3]).as("type of the first frame: SETTINGS").isEqualTo((byte) 4);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                REQUEST,
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n" + REQUEST,
                "PROXY TCP4 203.0.113.999 192.0.2.1 4711 443\r\n" + REQUEST,
                "PROXY TCP4 2001:db8::1 192.0.2.1 4711 443\r\n" + REQUEST,
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711 70000\r\n" + REQUEST,
                "PROXY UDP4 203.0.113.9 192.0.2.1 4711 443\r\n" + REQUEST,
                "proxy TCP4 203.0.113.9 192.0.2.1 4711 443\r\n" + REQUEST,
                " " + V1 + REQUEST
            })
    void aMissingOrMalformedHeaderClosesTheConnection(String sent) throws Exception {
        assertThat(exchange(required(), ascii(sent))).isEmpty();
        assertThat(requests).hasValue(0);
    }

    @Test
    void anEndlessHeaderClosesTheConnection() throws Exception {
        assertThat(exchange(required(), ascii("PROXY TCP4 " + "1".repeat(200)))).isEmpty();
        assertThat(exchange(required(), v2(V2_PROXY, TCP4, v4Ends(), 5000))).isEmpty();
        assertThat(requests).hasValue(0);
    }

    @Test
    void datagramsAreNoConnection() throws Exception {
        assertThat(exchange(required(), v2(V2_PROXY, 0x12, v4Ends(), 0))).isEmpty();
        assertThat(requests).hasValue(0);
    }

    @Test
    void aHeaderThatDoesNotComeInTimeClosesTheConnection() throws Exception {
        assertThat(exchange(required(), new byte[0])).isEmpty();
        assertThat(exchange(required(), ascii("PROXY TCP4 203"))).isEmpty();
    }

    @Test
    void othersAreClosedWhenAHeaderIsRequired() throws Exception {
        assertThat(exchange(ProxyProtocol.requiredFrom(ELSEWHERE), ascii(V1 + REQUEST)))
                .isEmpty();
        assertThat(exchange(ProxyProtocol.requiredFrom(ELSEWHERE), ascii(REQUEST)))
                .isEmpty();
        assertThat(requests).hasValue(0);
    }

    @Test
    void othersSpeakPlainlyWhenTheyMay() throws Exception {
        ProxyProtocol expected = ProxyProtocol.expectedFrom(ELSEWHERE);

        assertThat(exchange(expected, ascii(REQUEST)))
                .startsWith("HTTP/1.1 200")
                .contains("127.0.0.1:");
        assertThat(exchange(expected, ascii(V1 + REQUEST)))
                .as("a header of theirs is a malformed request")
                .startsWith("HTTP/1.1 400");
        assertThat(requests).hasValue(1);
    }

    @Test
    void sendersMustSendAHeaderEvenWhenOthersNeedNot() throws Exception {
        ProxyProtocol expected = ProxyProtocol.expectedFrom(LOOPBACK);

        assertThat(exchange(expected, ascii(V1 + REQUEST))).endsWith("203.0.113.9:4711 -> 192.0.2.1:443");
        assertThat(exchange(expected, ascii(REQUEST))).isEmpty();
    }

    @Test
    void requiresThatThereAreSenders() {
        assertThatIllegalArgumentException().isThrownBy(() -> ProxyProtocol.requiredFrom(Networks.NONE));
        assertThat(ListenerSpec.of("127.0.0.1", 0).proxyProtocol()).isSameAs(ProxyProtocol.OFF);
    }

    private static ProxyProtocol required() {
        return ProxyProtocol.requiredFrom(LOOPBACK);
    }

    /** All that comes back, without the head of a reply of 200. */
    private String exchange(ProxyProtocol protocol, byte[] bytes) throws IOException {
        try (Socket socket = connect(protocol)) {
            send(socket, bytes);
            return rest(socket);
        }
    }

    private static void send(Socket socket, byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        OutputStream out = socket.getOutputStream();
        try {
            out.write(all.toByteArray());
            out.flush();
        } catch (IOException e) {
            // closed before it could be sent: what came back tells
        }
    }

    private Socket connect(ProxyProtocol protocol) throws IOException {
        Listener listener = gateway.listen(ListenerSpec.of("127.0.0.1", 0).withProxyProtocol(protocol), exchange -> {
                    requests.incrementAndGet();
                    return Mono.just(HttpReply.text(
                            200,
                            text(exchange.connection().remoteAddress()) + " -> "
                                    + text(exchange.connection().localAddress())));
                })
                .block(Duration.ofSeconds(5));
        return new Socket(Inet4Address.getByName("127.0.0.1"), listener.port());
    }

    private static String text(java.net.SocketAddress address) {
        return !(address instanceof InetSocketAddress socket)
                ? String.valueOf(address)
                : socket.getAddress().getHostAddress() + ":" + socket.getPort();
    }

    private static String rest(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return ""; // reset, because what was sent was not read
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] v4Ends() throws IOException {
        return ByteBuffer.allocate(12)
                .put(InetAddress.getByName("203.0.113.9").getAddress())
                .put(InetAddress.getByName("192.0.2.1").getAddress())
                .putShort((short) 4711)
                .putShort((short) 443)
                .array();
    }

    /** A header of version 2 with an extension of some length, and a request. */
    private static byte[] v2(int command, int family, byte[] ends, int extension) {
        int length = ends.length + (extension == 0 ? 0 : extension + 3);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes(V2_SIGNATURE);
        header.write(command);
        header.write(family);
        header.write(length >> 8);
        header.write(length);
        header.writeBytes(ends);
        if (extension > 0) {
            header.write(0xE0);
            header.write(extension >> 8);
            header.write(extension);
            header.writeBytes(new byte[extension]);
        }
        header.writeBytes(ascii(REQUEST));
        return header.toByteArray();
    }
}
