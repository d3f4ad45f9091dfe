package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.retry.BudgetSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What stays and what changes when the next profile comes. */
class ProfileChangesTest extends ProfileRouterTestBase {

    @Test
    void anUnchangedRouteKeepsItsServiceAndItsCounters() {
        List<String> watched = new ArrayList<>();
        ProfileRouter router = router(routing -> routing.withWatch(new RouteWatch() {
            @Override
            public Function<HttpExchange, CallWatch> calls(String destination, RouteLabels labels) {
                watched.add(destination + " " + labels);
                return exchange -> null;
            }
        }));
        profiles.next(Profile.of(route("/a"), route("/b")));
        call(router, "/a");
        call(router, "/b");
        profiles.next(Profile.of(route("/c"), route("/b").withTimeout(Duration.ofSeconds(1)), route("/a")));
        call(router, "/a");

        assertThat(router.stats().routes()).extracting(RouteStats::calls).containsExactly(0L, 0L, 2L);
        assertThat(watched)
                .containsExactly(
                        NAME + " {}",
                        NAME + " {route=/a}",
                        NAME + " {route=/b}",
                        NAME + " {route=/c}",
                        NAME + " {route=/b}");
    }

    @Test
    void theDefaultRouteKeepsItsCountersForGood() {
        ProfileRouter router = router();
        call(router, "/x");
        profiles.next(Profile.of(route("/a")));
        call(router, "/x");
        profiles.next(Profile.EMPTY);
        call(router, "/x");
        assertThat(router.stats().defaultRoute()).isEqualTo(new RouteStats(null, 3, 3));
    }

    @Test
    void anEqualBudgetIsKeptWithWhatIsLeftOfIt() {
        ProfileRouter router = router();
        ProfileRoute retryable = route("/a").withRetryable(true);
        profiles.next(Profile.of(retryable).withRetryBudget(BUDGET));
        fails(call(router, "/a"), 2); // one retry each second, which is spent now
        profiles.next(
                Profile.of(retryable, route("/b")).withRetryBudget(new BudgetSettings(0, 1, Duration.ofSeconds(1))));
        fails(call(router, "/a"), 1);
        assertThat(router.stats().routes().get(0)).isEqualTo(new RouteStats(retryable, 2, 3));
    }

    @Test
    void anotherBudgetIsUsedByRoutesThatStay() {
        ProfileRouter router = router();
        ProfileRoute retryable = route("/a").withRetryable(true);
        profiles.next(Profile.of(retryable).withRetryBudget(BUDGET));
        fails(call(router, "/a"), 2);
        profiles.next(Profile.of(retryable).withRetryBudget(new BudgetSettings(0, 2, Duration.ofSeconds(1))));
        fails(call(router, "/a"), 3);
        profiles.next(Profile.of(retryable));
        fails(call(router, "/a"), 1);
        assertThat(router.stats().routes().get(0)).isEqualTo(new RouteStats(retryable, 3, 6));
    }

    /** Fails all attempts of a call, which are expected to be so many. */
    private void fails(CompletableFuture<HttpReply> reply, int attempts) {
        for (int i = 0; i < attempts; i++) {
            assertThat(reply).as("attempt %s", i + 1).isNotDone();
            last(NAME).reply(HttpReply.of(500));
        }
        assertThat(reply).isCompletedWithValueMatching(got -> got.status() == 500);
    }

    @Test
    void aCallInFlightStaysOnItsRoute() {
        ProfileRouter router = router();
        profiles.next(Profile.of(route("/a").withRetryable(true)).withRetryBudget(BUDGET));
        CompletableFuture<HttpReply> reply = call(router, "/a");
        profiles.next(Profile.EMPTY);
        last(NAME).reply(HttpReply.of(503));
        assertThat(services.get(NAME).calls())
                .as("retried as the old route says")
                .hasSize(2);
        last(NAME).reply(HttpReply.of(200));
        assertThat(reply).isCompletedWithValueMatching(got -> got.status() == 200);
    }

    @Test
    void aProfileThatCannotBeUsedChangesNothing() {
        ProfileRouter router = ProfileRouting.of(name -> profiles.flux(), name -> {
                    if (name.equals("bad:1")) {
                        throw new IllegalArgumentException("made by the test");
                    }
                    return service(name);
                })
                .create(NAME);
        profiles.next(Profile.of(route("/a")));
        profiles.next(Profile.of(route("/b")).withTargets(new WeightedTarget("bad:1", 1)));
        assertThat(labelsOf(router, "/a")).isNotEmpty();
        assertThat(router.profile()).isEqualTo(Profile.of(route("/a")));
    }
}
