package io.headgate.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.ResponseClass;
import io.headgate.profile.ResponseMatch;
import io.headgate.profile.WeightedTarget;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.BudgetSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileDocumentTest {

    private static Profile parse(String json) {
        return ProfileDocument.parse("entry", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theSpecOfAServiceProfileIsAProfile() {
        Profile profile = parse("{'routes': [{'name': 'GET /orders/{id}',"
                + " 'condition': {'method': 'GET', 'pathRegex': '/orders/[^/]*'},"
                + " 'responseClasses': [{'condition': {'status': {'min': 500, 'max': 599}}, 'isFailure': true},"
                + " {'condition': {'not': {'any': [{'status': {'max': 299}}]}}}],"
                + " 'isRetryable': true, 'timeout': '300ms'}],"
                + " 'retryBudget': {'retryRatio': 0.2, 'minRetriesPerSecond': 10, 'ttl': '10s'},"
                + " 'dstOverrides': [{'authority': 'orders-v2.shop:8080', 'weight': 100}]}");

        assertThat(profile)
                .isEqualTo(Profile.of(ProfileRoute.of(RequestMatch.all(
                                        RequestMatch.method("GET"), RequestMatch.path("/orders/[^/]*")))
                                .withLabel("route", "GET /orders/{id}")
                                .withClasses(
                                        new ResponseClass(ResponseMatch.status(500, 599), true),
                                        new ResponseClass(
                                                new ResponseMatch.Not(
                                                        new ResponseMatch.Any(List.of(ResponseMatch.status(100, 299)))),
                                                false))
                                .withRetryable(true)
                                .withTimeout(Duration.ofMillis(300)))
                        .withRetryBudget(BudgetSettings.DEFAULTS)
                        .withTargets(new WeightedTarget("orders-v2.shop:8080", 100)));
    }

    @Test
    void anEmptyDocumentSaysNothing() {
        assertThat(parse("{}")).isEqualTo(Profile.EMPTY);
    }

    @ParameterizedTest
    @CsvSource({"1s, 1000000000", "1m30s, 90000000000", "1.5ms, 1500000", "7ns, 7", "24h, 86400000000000"})
    void timesAreWrittenAsGoWritesThem(String time, long nanos) {
        Profile profile = parse("{'routes': [{'condition': {'any': [{'method': 'GET'}]}, 'timeout': '" + time + "'}]}");

        assertThat(profile.routes().get(0).timeout()).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'routs': []} | routs: [] (expected: dstOverrides, retryBudget, routes)",
                "[] | document: [] (expected: an object)",
                "{'routes': {}} | routes: {} (expected: a list)",
                "{'routes': [{}]} | routes[0].condition: missing (expected: a condition of one part or more, 64 levels deep at most)",
                "{'routes': [{'condition': {'path': '/'}}]} | routes[0].condition.path: \"/\" (expected: all, any, method, not, pathRegex)",
                "{'routes': [{'condition': {'pathRegex': '('}}]} | routes[0].condition.pathRegex: ",
                "{'routes': [{'condition': {'method': 'GET'}, 'timeout': '5'}]} | routes[0].timeout: \"5\" (expected: a time such as \"300ms\" or \"1m30s\", at most a day)",
                "{'routes': [{'condition': {'method': 'GET'}, 'timeout': '25h'}]} | routes[0].timeout: \"25h\"",
                "{'routes': [{'condition': {'method': 'GET'}, 'timeout': '0s'}]} | routes[0]: timeout: PT0S (expected: more than zero",
                "{'routes': [{'condition': {'method': 'GET'}, 'isRetryable': 1}]} | routes[0].isRetryable: 1 (expected: true or false)",
                "{'dstOverrides': [{'authority': 'a', 'weight': 0}]} | dstOverrides[0]: weight: 0 of a (expected: 1..4294967295)",
                "{'dstOverrides': [{'authority': 'a', 'weight': 1.5}]} | dstOverrides[0].weight: 1.5 (expected: a whole number, 0 to 4294967295)",
                "{'retryBudget': {'retryRatio': 0.2, 'minRetriesPerSecond': 10}} | retryBudget.ttl: missing",
                "{'retryBudget': {'retryRatio': -1, 'minRetriesPerSecond': 1, 'ttl': '10s'}} | retryBudget: ratio: -1.0 (expected: 0..1000)",
                "{'routes': [{'condition': {'method': 'GET'}, 'responseClasses': [{'condition': {'status': {'min': 9}}}]}]} | status: 9..999",
                "{'routes': | line 1, column 11"
            })
    void whatMakesNoSenseIsSaidWithItsPlace(String json, String message) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith("entry: ")
                .hasMessageContaining(message);
    }

    @Test
    void conditionsThatAreNestedTooDeepAreRefused() {
        String deep = "{'not':".repeat(100) + "{'method':'GET'}" + "}".repeat(100);

        assertThatThrownBy(() -> parse("{'routes': [{'condition': " + deep + "}]}"))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("64 levels deep");
    }

    @Test
    void theEndpointsOfOneNameAreAList() {
        assertThat(EndpointDocument.parseList("entry", "[\"10.0.0.1:80\"]".getBytes(StandardCharsets.UTF_8)))
                .containsExactly(Endpoint.of("10.0.0.1", 80));
        assertThatThrownBy(() -> EndpointDocument.parseList("entry", "{}".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("entry: endpoints: {} (expected: a list of endpoints)");
    }
}
