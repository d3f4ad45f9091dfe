package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.HttpReply;
import io.headgate.http.TlsInfo;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** A listener with TLS, and clients of the JDK. */
@Timeout(60)
abstract class ListenerTlsTestBase {

    static final Duration LONG = Duration.ofSeconds(20);
    static final Pki PKI = new Pki();

    final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    final List<TlsInfo> seen = new CopyOnWriteArrayList<>();
    final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        gateway.closeAsync().block(LONG);
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
    }

    Listener listen(ServerTls tls) {
        return gateway.listen(ListenerSpec.of("127.0.0.1", 0).withTls(tls), exchange -> {
                    seen.add(exchange.connection().tls());
                    return Mono.just(HttpReply.text(200, "hello"));
                })
                .block(LONG);
    }

    Socket plain(Listener listener) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), listener.port());
        socket.setSoTimeout(10_000);
        opened.add(socket);
        return socket;
    }

    SSLSocket connect(Listener listener, String serverName, String... alpn) throws IOException {
        return Pki.client(PKI.context(null), plain(listener), serverName, alpn);
    }

    static int get(SSLSocket socket, String host) throws IOException {
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

    static void awaitFailed(Listener listener, int count) {
        Awaitility.await().atMost(LONG).until(() -> listener.tls().failedHandshakes() == count);
    }
}
