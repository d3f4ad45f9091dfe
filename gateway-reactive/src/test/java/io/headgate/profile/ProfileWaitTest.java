package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a router does before its profile comes, and without one. */
class ProfileWaitTest extends ProfileRouterTestBase {

    @Test
    void untilTheProfileComesCallsTakeTheDefaultRoute() {
        ProfileRouter router = router();
        CompletableFuture<HttpReply> reply = call(router, "/a");
        last(NAME).reply(HttpReply.of(204));
        assertThat(reply).isCompletedWithValueMatching(got -> got.status() == 204);
        assertThat(router.stats()).isEqualTo(new ProfileStats(0, 1, List.of(), new RouteStats(null, 1, 1)));
        assertThat(router.explain(get("/a").head()).steps())
                .containsExactly("default route: taken, there is no profile yet");

        profiles.next(Profile.of(route("/a")));
        assertThat(labelsOf(router, "/a")).isNotEmpty();
        assertThat(router.stats().callsWithoutProfile()).isEqualTo(1);
        assertThat(router.stats().profiles()).isEqualTo(1);
    }

    @Test
    void callsWaitForTheProfileAsLongAsTheyHavePatience() {
        ProfileRouter router = router(routing -> routing.withPatience(Duration.ofSeconds(2)));
        CompletableFuture<HttpReply> first = call(router, "/a");
        assertThat(services.get(NAME).calls()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        profiles.next(Profile.of(route("/a")));
        assertThat(RouteLabels.of(last(NAME).exchange()).raw()).containsEntry("route", "/a");
        assertThat(first).isNotDone();
        assertThat(clock.pending()).as("timers").isZero();
        assertThat(labelsOf(router, "/a")).as("without a wait").isNotEmpty();
    }

    @Test
    void whoseWaitIsOverTakesTheDefaultRoute() {
        ProfileRouter router = router(routing -> routing.withPatience(Duration.ofSeconds(2)));
        call(router, "/a");
        clock.advance(Duration.ofMillis(1_999));
        assertThat(services.get(NAME).calls()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(RouteLabels.of(services.get(NAME).onlyCall().exchange())).isSameAs(RouteLabels.NONE);
    }

    @Test
    void aWaitIsNoLongerThanTheExchangeHasTime() {
        ProfileRouter router = router(routing -> routing.withPatience(Duration.ofSeconds(20)));
        router.call(get("/a").withDeadline(Deadline.after(Duration.ofSeconds(2))))
                .toFuture();
        clock.advance(Duration.ofSeconds(3));
        assertThat(services.get(NAME).calls()).hasSize(1);
    }

    @Test
    void whoLeavesWhileWaitingLeavesNothingBehind() {
        ProfileRouter router = router(routing -> routing.withPatience(Duration.ofSeconds(2)));
        call(router, "/a").cancel(true);
        assertThat(clock.pending()).isZero();
        profiles.next(Profile.EMPTY);
        assertThat(services.get(NAME).calls()).isEmpty();
    }

    @Test
    void aSourceThatFailsEndsTheWait() {
        ProfileRouter router = router(routing -> routing.withPatience(Duration.ofSeconds(2)));
        call(router, "/a");
        profiles.error(new IllegalStateException("made by the test"));
        assertThat(services.get(NAME).calls()).hasSize(1);
        assertThat(router.failure()).hasMessage("made by the test");
    }

    @Test
    void aSourceThatThrowsIsAFailureOfTheSource() {
        ProfileRouter router = ProfileRouting.of(
                        name -> {
                            throw new IllegalStateException("made by the test");
                        },
                        this::service)
                .create(NAME);
        assertThat(router.failure()).hasMessage("made by the test");
        call(router, "/a");
        assertThat(services.get(NAME).calls()).hasSize(1);
    }

    @Test
    void theLastProfileStaysWhenTheSourceEnds() {
        ProfileRouter router = router();
        profiles.next(Profile.of(route("/a")));
        profiles.complete();
        assertThat(labelsOf(router, "/a")).isNotEmpty();
        assertThat(router.failure()).isNotNull();
    }

    @Test
    void aSourceWithoutAProfileLeavesTheDefaultRoute() {
        ProfileRouter router =
                ProfileRouting.of(ProfileSource.NONE, this::service).create(NAME);
        assertThat(labelsOf(router, "/a")).isEmpty();
        assertThat(router.profile()).isEqualTo(Profile.EMPTY);
        assertThat(router.stats().callsWithoutProfile()).isZero();
        assertThat(router.explain(get("/a").head()).steps())
                .containsExactly("default route: taken, the profile has no routes");
    }

    @Test
    void theProfileIsFollowedWithoutCalls() {
        ProfileRouter router = router();
        assertThat(asked).containsExactly(NAME);
        profiles.next(Profile.of(route("/a")), Profile.of(route("/b")));
        assertThat(router.profile()).isEqualTo(Profile.of(route("/b")));
        assertThat(router.stats().profiles()).isEqualTo(2);
        profiles.assertMinRequested(Long.MAX_VALUE - 2);
    }
}
