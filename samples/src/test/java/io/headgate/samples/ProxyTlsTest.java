package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The proxy sample with TLS of its port and to its upstream, which is another one in front of the echo. */
@Timeout(60)
class ProxyTlsTest {

    @TempDir
    private Path folder;

    private TestCertificates certificates;

    @BeforeEach
    void certify() throws Exception {
        certificates = TestCertificates.create(folder);
    }

    private Running secured(String upstream, String... more) {
        String[] options = new String[more.length + 4];
        options[0] = "--tls-cert";
        options[1] = certificates.chain().toString();
        options[2] = "--tls-key";
        options[3] = certificates.key().toString();
        System.arraycopy(more, 0, options, 4, more.length);
        return Proxies.start(upstream, options);
    }

    private static HttpResponse<String> post(SSLContext context, String url, HttpClient.Version version)
            throws IOException, InterruptedException {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(context)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create(url))
                                .POST(BodyPublishers.ofString("body"))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, https, jdk",
        "HTTP_2, https, openssl",
        "HTTP_1_1, h2, openssl",
        "HTTP_2, h2, jdk",
    })
    void carriesEachClientProtocolToEachUpstreamProtocol(HttpClient.Version version, String scheme, String provider)
            throws Exception {
        try (Echo echo = new Echo();
                Running inner = secured(echo.url("http"));
                Running outer = secured(
                        inner.url().replaceFirst("https", scheme),
                        "--upstream-ca",
                        certificates.root().toString(),
                        "--tls-provider",
                        provider)) {
            assertThat(outer.url()).startsWith("https://127.0.0.1:");
            HttpResponse<String> reply = post(certificates.context(), outer.url() + "/", version);
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.version()).isEqualTo(version);
            assertThat(reply.body()).isEqualTo("body");
        }
    }

    @Test
    void showsItsCertificateToUpstreamsThatAskForOne() throws Exception {
        try (Echo echo = new Echo();
                Running inner = secured(
                        echo.url("http"), "--tls-client-ca", certificates.root().toString());
                Running outer = Proxies.start(
                        inner.url(),
                        "--upstream-ca",
                        certificates.root().toString(),
                        "--upstream-cert",
                        certificates.chain().toString(),
                        "--upstream-key",
                        certificates.key().toString());
                DemoClient client = new DemoClient(outer.url())) {
            assertThat(client.send(io.headgate.http.HttpVersion.HTTP_1_1, "GET", "/x", "")
                            .body())
                    .isEqualTo("/x");
            SSLContext stranger = SSLContext.getInstance("TLS");
            stranger.init(null, null, null);
            assertThatThrownBy(() -> post(stranger, inner.url() + "/", HttpClient.Version.HTTP_1_1))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void upstreamThatIsNotTrustedIsAnswered503() throws Exception {
        try (Echo echo = new Echo();
                Running inner = secured(echo.url("http"));
                Running outer = Proxies.start(inner.url());
                DemoClient client = new DemoClient(outer.url())) {
            assertThat(client.send(io.headgate.http.HttpVersion.HTTP_2, "GET", "/", "")
                            .status())
                    .isEqualTo(503);
        }
    }
}
