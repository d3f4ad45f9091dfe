package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:9000, HTTP_1, 127.0.0.1, 9000",
        "h2c://127.0.0.1:9000/, HTTP_2, 127.0.0.1, 9000",
        "http://[::1]:81, HTTP_1, [::1], 81",
        "http://[::1], HTTP_1, [::1], 80",
        "http://my_service, HTTP_1, my_service, 80",
        "h2c://localhost:65535, HTTP_2, localhost, 65535",
    })
    void urlNamesProtocolHostAndPort(String url, Endpoint.Protocol protocol, String host, int port) {
        assertThat(Endpoint.parse(url)).isEqualTo(new Endpoint(protocol, host, port));
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
                "https://host",
                "http://ho st"
            })
    void otherUrlsAreRefusedByName(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Endpoint.parse(url))
                .withMessageStartingWith("upstream: " + url + " (expected: ");
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:1, false", "http://[::1]:1, false", "http://localhost:1, true"})
    void onlyNamesAreLeftToTheResolver(String url, boolean unresolved) {
        assertThat(Endpoint.parse(url).address().isUnresolved()).isEqualTo(unresolved);
    }
}
