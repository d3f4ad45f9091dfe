package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.Service;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.publisher.TestPublisher;

/** Where the calls of a profile go, and what is closed with the router. */
class ProfileTargetsTest extends ProfileRouterTestBase {

    @Test
    void aSplitAppliesToAllRoutes() {
        Random random = new Random(3);
        ProfileRouter router = router(routing -> routing.withDice(bound -> Math.floorMod(random.nextLong(), bound)));
        profiles.next(
                Profile.of(route("/a")).withTargets(new WeightedTarget("v1:80", 90), new WeightedTarget("v2:80", 10)));
        for (int i = 0; i < 2_000; i++) {
            call(router, i % 2 == 0 ? "/a" : "/other");
        }
        assertThat(services.get("v2:80").calls().size() / 2_000.0).isCloseTo(0.1, within(0.02));
        assertThat(services.get("v1:80").calls().size() / 2_000.0).isCloseTo(0.9, within(0.02));
        assertThat(services.get(NAME).closes()).as("not needed any more").isEqualTo(1);
    }

    @Test
    void aSplitWithoutReadyTargetsRefuses() {
        ProfileRouter router = router();
        profiles.next(Profile.EMPTY.withTargets(new WeightedTarget("v1:80", 1)));
        services.get("v1:80").status(Service.Status.BUSY);
        assertThat(call(router, "/"))
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withCauseInstanceOf(NoTargetException.class);
        assertThat(router.status()).isEqualTo(Service.Status.BUSY);
    }

    @Test
    void withoutASplitTheDestinationIsCalledReadyOrNot() {
        ProfileRouter router = router();
        services.get(NAME).status(Service.Status.BUSY);
        call(router, "/");
        assertThat(services.get(NAME).calls()).hasSize(1);
    }

    @Test
    void aRetryIsDrawnAnew() {
        List<Long> draws = new ArrayList<>(List.of(0L, 1L));
        ProfileRouter router = router(routing -> routing.withDice(bound -> draws.remove(0)));
        profiles.next(Profile.of(route("/a").withRetryable(true))
                .withRetryBudget(BUDGET)
                .withTargets(new WeightedTarget("v1:80", 1), new WeightedTarget("v2:80", 1)));
        CompletableFuture<HttpReply> reply = call(router, "/a");
        last("v1:80").reply(HttpReply.of(500));
        last("v2:80").reply(HttpReply.of(200));
        assertThat(reply).isCompletedWithValueMatching(got -> got.status() == 200);
    }

    @Test
    void aProfileOfOneEndpointIsNotSplit() {
        Endpoint endpoint = Endpoint.of("127.0.0.1", 81);
        ProfileRouter router = router(routing -> routing.withEndpoints(this::service));
        profiles.next(new Profile(
                List.of(route("/a")), null, List.of(new WeightedTarget("v1:80", 1)), false, null, endpoint));
        call(router, "/a");
        assertThat(RouteLabels.of(services.get(endpoint).onlyCall().exchange()).raw())
                .isNotEmpty();
        assertThat(services).doesNotContainKey("v1:80");
    }

    @Test
    void anEndpointIsResolvedWhereNothingMakesServicesOfEndpoints() {
        ProfileRouter router = router();
        profiles.next(new Profile(List.of(), null, List.of(), false, null, Endpoint.of("127.0.0.1", 81)));
        call(router, "/a");
        assertThat(services.get(NAME).calls()).hasSize(1);
    }

    @Test
    void closingLeavesTheStreamAndClosesTheTargets() {
        ProfileRouter router = router();
        profiles.next(Profile.EMPTY.withTargets(new WeightedTarget("v1:80", 1)));
        CompletableFuture<Void> closed =
                router.closeAsync(Duration.ofSeconds(1)).toFuture();
        assertThat(closed).isCompleted();
        assertThat(profiles.wasCancelled()).isTrue();
        assertThat(services.get("v1:80").closes()).isEqualTo(1);
        assertThat(router.status()).isEqualTo(Service.Status.CLOSED);
        assertThat(call(router, "/")).isCompletedExceptionally();
    }

    @Test
    void aProfileAfterTheCloseMakesNothing() {
        TestPublisher<Profile> stubborn =
                TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        ProfileRouter router =
                ProfileRouting.of(name -> Flux.from(stubborn), this::service).create(NAME);
        assertThat(router.closeAsync(Duration.ZERO).toFuture()).isCompleted();
        stubborn.next(Profile.EMPTY.withTargets(new WeightedTarget("v1:80", 1)));
        assertThat(services).doesNotContainKey("v1:80");
    }
}
