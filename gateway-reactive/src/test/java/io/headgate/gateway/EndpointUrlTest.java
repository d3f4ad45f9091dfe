package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointUrlTest {

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:9000, HTTP_1, false, 127.0.0.1, 9000",
        "h2c://127.0.0.1:9000/, HTTP_2, false, 127.0.0.1, 9000",
        "http://[::1]:81, HTTP_1, false, [::1], 81",
        "http://[::1], HTTP_1, false, [::1], 80",
        "http://my_service, HTTP_1, false, my_service, 80",
        "h2c://localhost:65535, HTTP_2, false, localhost, 65535",
        "https://orders.example, HTTP_1, true, orders.example, 443",
        "https://orders.example:8443, HTTP_1, true, orders.example, 8443",
        "h2://[::1], HTTP_2, true, [::1], 443",
    })
    void urlNamesProtocolHostAndPort(String url, Protocol protocol, boolean secure, String host, int port) {
        assertThat(EndpointUrl.parse(url))
                .isEqualTo(Endpoint.of(host, port).withProtocol(protocol).withTls(secure ? TlsName.dns(host) : null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1:9000",
                "http://",
                "http://user@host",
                "http://host:0",
                "http://host:65536",
                "http://host:x",
                "http://host/path",
                "http://host?query",
                "ftp://host",
                "https://host/path",
                "http://ho st"
            })
    void otherUrlsAreRefusedByName(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EndpointUrl.parse(url))
                .withMessageStartingWith("upstream: " + url + " (expected: ");
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:1, false", "http://[::1]:1, false", "http://localhost:1, true"})
    void onlyNamesAreLeftToTheResolver(String url, boolean unresolved) {
        assertThat(EndpointUrl.parse(url).address().isUnresolved()).isEqualTo(unresolved);
    }
}
