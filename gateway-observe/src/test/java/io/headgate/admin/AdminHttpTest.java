package io.headgate.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.ChannelBindException;
import tools.jackson.databind.JsonNode;

/** What holds for all pages: who may ask, and how mistakes are answered. */
@Timeout(60)
class AdminHttpTest {

    private final AdminRig rig = new AdminRig(Admin.builder().figures("broken", () -> {
        throw new IllegalStateException("a secret of the house");
    }));

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void indexSaysWhatThereIs() throws Exception {
        JsonNode paths = rig.get("/").get("paths");
        assertThat(paths.findValuesAsString("path"))
                .contains("/", "/live", "/ready", "/stack", "/routes", "/endpoints", "/taps", "/loglevel", "/stats")
                .doesNotContain("/metrics", "/tap", "/drain", "/pools"); // nothing was registered for them
        assertThat(paths.get(0).get("methods").valueStream().map(JsonNode::asString))
                .containsExactly("GET", "HEAD");
    }

    @Test
    void unknownPathIsToldThoseThereAre() throws Exception {
        JsonNode problem = rig.problem(404, "GET", "/nothing?x=1");
        assertThat(problem.get("detail").asString()).startsWith("path: /nothing (expected: ");
        assertThat(problem.get("paths").valueStream().map(JsonNode::asString)).contains("/", "/live");
    }

    @Test
    void otherMethodIsToldTheRightOnes() throws Exception {
        HttpResponse<String> answer = rig.ask("POST", "/stack");
        AdminRig.problem(405, answer);
        assertThat(answer.headers().firstValue("allow")).contains("GET, HEAD");
        AdminRig.problem(
                405, rig.ask("OPTIONS", "/loglevel", "Origin", rig.uri("").toString()));
    }

    @Test
    void unlikedTypeIsToldThoseThereAre() throws Exception {
        JsonNode problem = rig.problem(406, "GET", "/stack", "Accept", "text/html, application/json;q=0");
        assertThat(problem.get("types").get(0).asString()).isEqualTo("application/json");
        assertThat(rig.ask("GET", "/stack", "Accept", "text/html, application/*;q=0.1")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/live?loud=1|loud|1",
                "/loglevel?logger=a&logger=b|logger|a, b",
                "/loglevel?logger=|logger|empty",
                "/loglevel?all=perhaps|all|perhaps",
                "/routes?explain=GET|explain|GET",
                "/routes?explain=GET%20/users/7|explain|GET /users/7",
                "/routes?explain=GET%20http://a/&header=x|header|x",
            })
    void wrongParameterIsNamed(String target, String parameter, String value) throws Exception {
        JsonNode problem = rig.problem(400, "GET", target);
        assertThat(problem.get("parameter").asString()).isEqualTo(parameter);
        assertThat(problem.get("value").asString()).isEqualTo(value);
        assertThat(problem.get("expected").asString()).isNotEmpty();
        assertThat(problem.get("detail").asString()).startsWith(parameter + ": " + value + " (expected: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/live?a=%zz", "/live?a=%C3%28"})
    void whatIsNotWellFormedIsTheClientsMistake(String target) throws Exception {
        String answer = rig.raw("GET " + target + " HTTP/1.1", "Host: localhost");
        assertThat(answer).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void headIsAnsweredAsGetWithoutBody() throws Exception {
        HttpResponse<String> get = rig.ask("GET", "/live");
        HttpResponse<String> head = rig.ask("HEAD", "/live");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("content-length"))
                .isEqualTo(get.headers().firstValue("content-length"))
                .isPresent();
        assertThat(rig.ask("HEAD", "/nothing").statusCode()).isEqualTo(404);
        assertThat(rig.ask("GET", "/live").body())
                .isEqualTo("{\"status\":\"live\"}"); // on a connection that still works
    }

    @Test
    void bodiesAreRefused() throws Exception {
        JsonNode problem =
                AdminRig.problem(400, rig.ask("POST", "/loglevel", BodyPublishers.ofString("logger=ROOT&level=TRACE")));
        assertThat(problem.get("detail").asString()).startsWith("body: 23 bytes (expected: none");
        AdminRig.problem(413, rig.ask("POST", "/loglevel", BodyPublishers.ofByteArray(new byte[65 * 1024])));
    }

    @Test
    void longRequestsAreRefused() throws Exception {
        assertThat(rig.raw("GET /" + "x".repeat(9000) + " HTTP/1.1", "Host: localhost"))
                .startsWith("HTTP/1.1 414 ");
        assertThat(rig.raw("GET / HTTP/1.1", "Host: localhost", "X: " + "x".repeat(17_000)))
                .startsWith("HTTP/1.1 4");
        String many = "a=1&".repeat(300);
        assertThat(rig.problem(400, "GET", "/live?" + many).get("detail").asString())
                .contains("more than 256 parameters");
    }

    @Test
    void failureIsMaskedWithAnId() throws Exception {
        JsonNode problem = rig.problem(500, "GET", "/stats");
        assertThat(problem.toString()).doesNotContain("secret");
        assertThat(problem.get("id").asString()).hasSize(16);
    }

    @Test
    void hangingPagesDoNotHideThatTheProcessIsAlive() throws Exception {
        CountDownLatch hanging = new CountDownLatch(4); // as many as there are workers
        CountDownLatch go = new CountDownLatch(1);
        try (AdminRig stuck = new AdminRig(Admin.builder().figures("stuck", () -> {
            hanging.countDown();
            await(go);
            return 1;
        }))) {
            List<CompletableFuture<String>> answers =
                    Stream.generate(() -> later(stuck, "/stats")).limit(4).toList();
            await(hanging);
            assertThat(stuck.ask("GET", "/live").statusCode()).isEqualTo(200);
            go.countDown();
            for (CompletableFuture<String> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("{\"stuck\":1}");
            }
        }
    }

    // ---- who may ask

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:4191", "127.0.0.1:80", "127.1.2.3", "[::1]:4191"})
    void namesOfThisMachineAreRight(String host) throws Exception {
        assertThat(rig.raw("GET /live HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rebound.example",
                "rebound.example:4191",
                "10.0.0.1",
                "localhost.example",
                "[::2]",
                "127.0.0.1.example"
            })
    void otherNamesAreRefused(String host) throws Exception {
        assertThat(rig.raw("GET /live HTTP/1.1", "Host: " + host))
                .startsWith("HTTP/1.1 421 ")
                .contains("host: " + host + " (expected: localhost");
    }

    @Test
    void hostIsNeededOnce() throws Exception {
        assertThat(rig.raw("GET /live HTTP/1.1")).startsWith("HTTP/1.1 400 ");
        assertThat(rig.raw("GET /live HTTP/1.1", "Host: localhost", "Host: rebound.example"))
                .startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST|Sec-Fetch-Site|cross-site",
                "POST|Sec-Fetch-Site|same-site",
                "GET|Sec-Fetch-Site|cross-site",
                "POST|Origin|http://evil.example",
                "POST|Origin|null",
                "PUT|Origin|http://localhost:3000",
            })
    void pagesOfOthersAreRefused(String method, String field, String value) throws Exception {
        String target = "/loglevel" + (method.equals("GET") ? "" : "?logger=io.headgate.tap&level=TRACE");
        rig.problem(403, method, target, field, value);
        assertThat(rig.get("/loglevel?logger=io.headgate.tap")
                        .findValue("effective")
                        .asString())
                .isNotEqualTo("TRACE");
    }

    @Test
    void linksAndOwnPagesAreRight() throws Exception {
        String[] link = {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"};
        assertThat(rig.ask("GET", "/live", link).statusCode()).isEqualTo(200);
        assertThat(rig.ask("POST", "/loglevel?logger=x&level=INFO", link).statusCode())
                .isEqualTo(403);
        assertThat(rig.ask("DELETE", "/loglevel", "Sec-Fetch-Site", "same-origin")
                        .statusCode())
                .isEqualTo(200);
        assertThat(rig.ask("DELETE", "/loglevel", "Origin", rig.uri("").toString())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void authorizerDecides() throws Exception {
        AdminSpec spec = AdminRig.SPEC.withAuthorizer(
                request -> request.isProbe() || "Bearer of-good-news".equals(request.field("Authorization")));
        try (AdminRig guarded = new AdminRig(spec, Admin.builder())) {
            assertThat(guarded.ask("GET", "/live").statusCode()).isEqualTo(200);
            guarded.problem(403, "GET", "/stack");
            guarded.problem(403, "DELETE", "/loglevel", "Authorization", "Bearer of-bad-news");
            assertThat(guarded.ask("GET", "/stack", "Authorization", "Bearer of-good-news")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    // ---- where it listens

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "10.1.2.3", "::", "2001:db8::1"})
    void publicAddressMustBeAskedFor(String host) {
        assertThatThrownBy(() -> AdminSpec.DEFAULTS.withHost(host))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host: " + host + " (expected: a loopback address, unless withPublicAddress");
        assertThat(AdminSpec.DEFAULTS
                        .withPublicAddress(host, AdminRequest::isProbe)
                        .isPublic())
                .isTrue();
    }

    @Test
    void namesAreNotLookedUp() {
        assertThatThrownBy(() -> AdminSpec.DEFAULTS.withHost("gateway.example"))
                .hasMessage("host: gateway.example (expected: an address, or localhost)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void listensOnLoopback(String host) {
        try (AdminRig other = new AdminRig(AdminRig.SPEC.withHost(host), Admin.builder())) {
            assertThat(other.server.address().getAddress().isLoopbackAddress()).isTrue();
            assertThat(other.server).hasToString("admin server on " + other.server.address());
        }
    }

    @Test
    void publicServerTakesAnyHostUnlessSomeAreNamed() throws Exception {
        AdminSpec spec = AdminRig.SPEC.withPublicAddress("127.0.0.1", request -> true);
        try (AdminRig open = new AdminRig(spec, Admin.builder());
                AdminRig named = new AdminRig(spec.withHosts("Admin.Example"), Admin.builder())) {
            assertThat(open.raw("GET /live HTTP/1.1", "Host: any.example")).startsWith("HTTP/1.1 200 ");
            assertThat(named.raw("GET /live HTTP/1.1", "Host: any.example")).startsWith("HTTP/1.1 421 ");
            assertThat(named.raw("GET /live HTTP/1.1", "Host: admin.example:80"))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void portInUseIsAFailure() {
        Mono<AdminServer> second = AdminServer.start(
                AdminRig.SPEC.withPort(rig.server.port()), Admin.builder().build());
        assertThatThrownBy(() -> second.block(AdminRig.LONG)).isInstanceOf(ChannelBindException.class);
    }

    // ---- how it ends

    @Test
    void answersFinishBeforeTheEnd() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AdminRig slow = new AdminRig(Admin.builder().figures("slow", () -> {
            asked.countDown();
            await(go);
            return List.of(Map.of("late", true));
        }));
        CompletableFuture<String> answer = later(slow, "/stats");
        await(asked);
        var closed = slow.server.closeAsync(AdminRig.LONG).toFuture();
        go.countDown();
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("{\"slow\":[{\"late\":true}]}");
        closed.get(20, TimeUnit.SECONDS);
        assertThatThrownBy(() -> slow.ask("GET", "/live")).isInstanceOf(IOException.class);
    }

    @Test
    void closingTwiceIsClosing() {
        rig.server.closeAsync(Duration.ZERO).block(AdminRig.LONG);
        rig.server.closeAsync(Duration.ZERO).block(AdminRig.LONG);
        assertThat(rig.server.port()).isPositive();
    }

    private static CompletableFuture<String> later(AdminRig rig, String target) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return rig.ask("GET", target).body();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
