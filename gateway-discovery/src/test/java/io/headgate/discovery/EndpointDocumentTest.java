package io.headgate.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import io.headgate.resolve.Update;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointDocumentTest {

    @Test
    void allMetadataIsRead() {
        EndpointDocument document = parse("""
                {"endpoints": {"orders": ["10.0.0.1:8080", {
                    "address": "[fd00::2]:8443", "protocol": "http/2",
                    "tls": {"identity": "spiffe://example/orders", "serverName": "orders.example"},
                    "authority": "orders.example", "weight": 5000, "labels": {"zone": "b"}},
                  {"address": "orders.example:443", "tls": "orders.example"}], "carts": []}}""");

        assertThat(document.state("orders"))
                .isEqualTo(new Update.Reset<>(List.of(
                        Endpoint.of("10.0.0.1", 8080),
                        new Endpoint(
                                Endpoint.of("fd00::2", 8443).address(),
                                Protocol.HTTP_2,
                                new TlsName("spiffe://example/orders", "orders.example"),
                                "orders.example",
                                5000,
                                Map.of("zone", "b")),
                        Endpoint.of("orders.example", 443).withTls(TlsName.dns("orders.example")))));
        assertThat(document.state("carts")).isEqualTo(new Update.Reset<>(List.of()));
        assertThat(document.state("users")).isEqualTo(new Update.Absent<>());
        assertThat(document.names()).containsExactlyInAnyOrder("orders", "carts");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                              | x.json: document: [] (expected: an object)
            {}                                              | x.json: endpoints: missing (expected: an object of names)
            {"endpoint": {}}                                | x.json: endpoint: {} (expected: endpoints)
            {"endpoints": {"a": "b"}}                       | x.json: endpoints.a: "b" (expected: a list of endpoints)
            {"endpoints": {"a": [1]}}                       | x.json: endpoints.a[0]: 1 (expected: an object)
            {"endpoints": {"a": ["h:1", "h"]}}              | x.json: endpoints.a[1]: "h" (expected: host:port or [address]:port)
            {"endpoints": {"a": ["::1:80"]}}                | x.json: endpoints.a[0]: "::1:80" (expected: host:port or [address]:port)
            {"endpoints": {"a": ["h:65536"]}}               | x.json: endpoints.a[0]: "h:65536" (expected: host:port or [address]:port)
            {"endpoints": {"a": ["h:1", "h:1"]}}            | x.json: endpoints.a[1]: "h:1" (expected: an address that is not in the list yet)
            {"endpoints": {"a": [{}]}}                      | x.json: endpoints.a[0].address: missing (expected: host:port or [address]:port)
            {"endpoints": {"a": [{"address": "h:1", "wieght": 1}]}} | x.json: endpoints.a[0].wieght: 1 (expected: address, authority, labels, protocol, tls, weight)
            {"endpoints": {"a": [{"address": "h:1", "weight": -1}]}} | x.json: endpoints.a[0].weight: -1 (expected: a whole number, 0 or more)
            {"endpoints": {"a": [{"address": "h:1", "protocol": "h3"}]}} | x.json: endpoints.a[0].protocol: "h3" (expected: "http/1.1" or "http/2")
            {"endpoints": {"a": [{"address": "h:1", "labels": {"z": 1}}]}} | x.json: endpoints.a[0].labels.z: 1 (expected: a text)
            {"endpoints": {"a": [{"address": "h:1", "tls": {"identity": "i"}}]}} | x.json: endpoints.a[0].tls.serverName: missing (expected: a DNS name)
            """)
    void whatIsWrongIsNamed(String json, String message) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(DocumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"endpoints": {}} x
            {"endpoints": {
            {"endpoints": {"a": [], "a": []}}
            """)
    void whatIsNotOneDocumentIsRefusedWithItsPlace(String json) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith("x.json: line 1, column ")
                .hasMessageEndingWith("(expected: one JSON document)");
    }

    private static EndpointDocument parse(String json) {
        return EndpointDocument.parse("x.json", json.getBytes(StandardCharsets.UTF_8));
    }
}
