package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.headgate.http.HttpVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QuickstartTest {

    @Test
    void onceShowsAllPairsAndExits0() {
        Run run = Run.of("quickstart", "--once", "--listen", "127.0.0.1:0");
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("HTTP/1.1 -> HTTP/1.1", "HTTP/1.1 -> HTTP/2", "HTTP/2 -> HTTP/1.1", "HTTP/2 -> HTTP/2")
                .contains("path: /nowhere (expected: ")
                .doesNotContain("curl");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void demonstrationFailsWhenAReplyIsNotTheExpectedOne() throws Exception {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        other.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        other.start();
        StringWriter out = new StringWriter();
        try (DemoClient client =
                new DemoClient("http://127.0.0.1:" + other.getAddress().getPort())) {
            assertThat(new Demonstration(client, new PrintWriter(out, true)).run())
                    .isFalse();
        } finally {
            other.stop(0);
        }
        assertThat(out.toString()).contains("204", "expected Answer[status=200");
    }

    @Test
    void staysUpAndClosesCleanlyWhenTerminated() throws IOException, InterruptedException {
        try (Forked quickstart = Forked.java("io.headgate.samples.Main", "quickstart", "--listen", "127.0.0.1:0")) {
            String url = quickstart.awaitLine("curl -i (http://127.0.0.1:\\d+)/orders/42");
            try (DemoClient client = new DemoClient(url)) {
                assertThat(client.send(HttpVersion.HTTP_1_1, "GET", "/users/1", "")
                                .status())
                        .isEqualTo(200);
            }
            assertThat(quickstart.terminate()).isZero();
            assertThat(quickstart.err()).isEmpty();
        }
    }
}
