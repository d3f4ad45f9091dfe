package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.api.ApiClient.Answer;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.http.Fields;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginRuleTest {

    private static final byte[] APP = "{\"name\":\"a\"}".getBytes(StandardCharsets.UTF_8);

    private static FunctionsApi.Builder api() {
        return FunctionsApi.builder(MemoryFunctionStore.create());
    }

    private static ApiClient client(FunctionsApi.Builder api) {
        return new ApiClient(api.build());
    }

    @Test
    void withoutOriginsNothingIsSaidOfThem() {
        Answer answer = client(api()).get("/v2/apps", "origin", "http://evil.example");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.fields())
                .isEqualTo(Fields.of("content-type", "application/json; charset=utf-8", "cache-control", "no-store"));
        Answer preflight = client(api())
                .call(
                        "OPTIONS",
                        "/v2/apps",
                        null,
                        "origin",
                        "http://evil.example",
                        "access-control-request-method",
                        "PUT");
        assertThat(preflight.status()).isEqualTo(405);
        assertThat(preflight.fields().contains("access-control-allow-origin")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example, 403",
        "null, 403",
        "http://test.headgate.io:81, 403",
        "http://test.headgate.io, 200",
        "https://TEST.headgate.io, 200",
        "https://fn.example:8443, 200",
        "https://app.example, 200"
    })
    void pagesOfOtherOriginsChangeNothing(String origin, int status) {
        ApiClient client =
                client(api().publicUrl(URI.create("https://fn.example:8443/x")).allowedOrigins("https://app.example"));

        assertThat(client.call("POST", "/v2/apps", APP, "origin", origin).status())
                .isEqualTo(status);
        assertThat(client.get("/v2/apps").at("/items").size()).isEqualTo(status == 200 ? 1 : 0);
    }

    @Test
    void pagesOfAllowedOriginsAreToldSo() {
        ApiClient client = client(api().allowedOrigins("https://App.example"));

        Answer preflight = client.call(
                "OPTIONS",
                "/v2/apps/x",
                null,
                "origin",
                "https://app.example",
                "access-control-request-method",
                "PUT",
                "access-control-request-headers",
                "content-type");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.fields().get("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(preflight.fields().get("access-control-allow-methods")).contains("PUT", "DELETE");
        assertThat(preflight.fields().get("access-control-allow-headers")).isEqualTo("content-type");
        Answer missing = client.get("/v2/apps/NONE", "origin", "https://app.example");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.fields().get("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(missing.fields().get("access-control-expose-headers")).contains("fn-call-id");
        assertThat(missing.fields().all("vary")).contains("origin");
        assertThat(client.get("/v2/apps").fields().get("vary")).isEqualTo("origin");
        assertThat(client.get("/v2/apps", "origin", "https://other.example").fields())
                .isEqualTo(client.get("/v2/apps").fields());
        assertThat(client(api().allowedOrigins("*"))
                        .get("/v2/apps", "origin", "https://any.example")
                        .fields()
                        .get("access-control-allow-origin"))
                .isEqualTo("*");
    }
}
