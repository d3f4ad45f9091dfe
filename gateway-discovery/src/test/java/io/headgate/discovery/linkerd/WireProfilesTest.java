package io.headgate.discovery.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.headgate.discovery.linkerd.internal.wire.DestinationProfile;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.ResponseClass;
import io.headgate.profile.ResponseMatch;
import io.headgate.profile.WeightedTarget;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.BudgetSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireProfilesTest {

    private final Skipped skipped = new Skipped("test");

    private Profile decode(String text) {
        try {
            return WireProfiles.decode(TextFormat.parse(text, DestinationProfile.class), skipped);
        } catch (TextFormat.ParseException e) {
            throw new AssertionError(text, e);
        }
    }

    private long skips() {
        LongAdder total = new LongAdder();
        skipped.report(total);
        return total.sum();
    }

    @Test
    void profilesComeBackEqual() {
        ProfileRoute route = ProfileRoute.of(RequestMatch.all(
                        RequestMatch.any(RequestMatch.method("GET"), RequestMatch.method("REPORT")),
                        new RequestMatch.Not(RequestMatch.path("/private/.*|/secret")),
                        RequestMatch.EVERY))
                .withLabel("route", "public")
                .withRetryable(true)
                .withTimeout(Duration.ofNanos(1_500_000_001))
                .withClasses(
                        new ResponseClass(new ResponseMatch.Status(404, 404), false),
                        new ResponseClass(
                                new ResponseMatch.All(List.of(
                                        new ResponseMatch.Status(500, 599),
                                        new ResponseMatch.Not(
                                                new ResponseMatch.Any(List.of(new ResponseMatch.Status(501, 501)))))),
                                true));
        Profile profile = new Profile(
                List.of(route, ProfileRoute.of(RequestMatch.EVERY)),
                new BudgetSettings(0.2, 10, Duration.ofSeconds(10)),
                List.of(new WeightedTarget("a:80", 1), new WeightedTarget("b:80", 0xffff_ffffL)),
                true,
                "orders.shop.svc.cluster.local",
                Endpoint.of("10.0.0.1", 8080));

        for (Profile each : List.of(profile, Profile.EMPTY, Profile.of(route))) {
            assertThat(WireProfiles.decode(WireProfiles.encode(each), skipped)).isEqualTo(each);
        }
        assertThat(skips()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "condition {}",
                "condition { path { regex: '(' } }",
                "condition { path { regex: '(a)\\\\1' } }",
                "condition { method {} }",
                "condition { method { unregistered: '' } }",
                "condition { method { unregistered: 'A B' } }",
                "condition { method { registered: 9 } }",
                "condition { not {} }",
                "condition { all { matches { method { registered: GET } } matches {} } }",
                "condition { any { matches { method { registered: GET } } matches { path { regex: '[' } } } }",
                "condition { not { all { matches { method {} } } } }",
            })
    void aRouteWithAnInvalidConditionIsLeftOutAndTheOthersCount(String route) {
        Profile profile = decode("routes { " + route + " } routes { condition { path { regex: '/a' } } }");

        assertThat(profile).isEqualTo(Profile.of(ProfileRoute.of(RequestMatch.path("/a"))));
        assertThat(skips()).isOne();
    }

    @Test
    void patternsAreTrimmed() {
        assertThat(decode("routes { condition { path { regex: ' /a|/b ' } } }"))
                .isEqualTo(Profile.of(ProfileRoute.of(RequestMatch.path("/a|/b"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "condition { status {} }",
                "condition { status { min: 99 } }",
                "condition { status { max: 1000 } }",
                "condition { status { min: 500 max: 400 } }",
                "condition { status { min: 500 max: 4294967295 } }",
                "condition { all { matches { status { min: 500 } } matches {} } }",
                "condition { any { matches { status { min: 500 } } matches { status {} } } }",
                "condition { not {} }",
            })
    void aResponseClassThatIsInvalidIsLeftOutAndTheRouteStays(String invalid) {
        Profile profile = decode("routes { condition { all {} } response_classes { " + invalid
                + " } response_classes { condition { status { min: 500 max: 503 } } is_failure: true } }");

        assertThat(profile)
                .isEqualTo(Profile.of(ProfileRoute.of(RequestMatch.EVERY)
                        .withClasses(new ResponseClass(new ResponseMatch.Status(500, 503), true))));
        assertThat(skips()).isOne();
    }

    @Test
    void aRangeWithOneEndIsOneStatus() {
        Profile profile = decode("routes { condition { all {} }"
                + " response_classes { condition { status { min: 404 } } }"
                + " response_classes { condition { status { max: 503 } } } }");

        assertThat(profile.routes().get(0).classes())
                .extracting(ResponseClass::condition)
                .containsExactly(new ResponseMatch.Status(404, 404), new ResponseMatch.Status(503, 503));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "retry_ratio: 0.2",
                "ttl {}",
                "ttl { nanos: 999999999 }",
                "ttl { seconds: 61 }",
                "ttl { seconds: -9223372036854775808 }",
                "ttl { seconds: 10 } retry_ratio: -0.1",
                "ttl { seconds: 10 } retry_ratio: 1000.5",
                "ttl { seconds: 10 } retry_ratio: nan",
                "ttl { seconds: 10 } min_retries_per_second: 2147483648",
            })
    void aBudgetThatIsInvalidIsNone(String budget) {
        assertThat(decode("retry_budget { " + budget + " }")).isEqualTo(Profile.EMPTY);
        assertThat(skips()).isOne();
    }

    @Test
    void aBudgetIsReadAsItWasWritten() {
        assertThat(decode("retry_budget { retry_ratio: 0.2 min_retries_per_second: 10 ttl { seconds: 10 } }")
                        .retryBudget())
                .isEqualTo(BudgetSettings.DEFAULTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{ seconds: -1 }", "{ seconds: 9223372036854775807 nanos: 999999999 }"})
    void aTimeoutThatLimitsNothingIsNone(String timeout) {
        assertThat(decode("routes { condition { all {} } timeout " + timeout + " }"))
                .isEqualTo(Profile.of(ProfileRoute.of(RequestMatch.EVERY)));
    }

    @Test
    void targetsWithoutWeightOrWithoutAnAuthorityAreLeftOut() {
        Profile profile = decode(
                "dst_overrides { authority: 'a:80' weight: 0 } dst_overrides { authority: '' weight: 1 }"
                        + " dst_overrides { authority: 'a b' weight: 1 } dst_overrides { authority: 'b:80' weight: 2 }");

        assertThat(profile.targets()).containsExactly(new WeightedTarget("b:80", 2));
        assertThat(skips()).isEqualTo(3);
    }

    @Test
    void matchesThatAreNestedTooDeepAreInvalid() {
        String deep = "not { ".repeat(60) + "all {}" + " }".repeat(60);

        assertThat(decode("routes { condition { " + deep + " } }")).isEqualTo(Profile.EMPTY);
    }
}
