package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.Deadline;
import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.classify.Classifier;
import io.headgate.http.Body;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.BudgetSettings;
import io.headgate.test.AllocationAssert;
import io.headgate.test.ScriptedService;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.publisher.TestPublisher;

class ProfileRouterTest {

    private static final String NAME = "orders.example:8080";
    private static final BudgetSettings BUDGET = new BudgetSettings(0, 1, Duration.ofSeconds(1));

    private final VirtualClock clock = VirtualClock.install();
    private final TestPublisher<Profile> profiles = TestPublisher.create();
    private final Map<Object, ScriptedService> services = new ConcurrentHashMap<>();
    private final List<String> asked = new ArrayList<>();

    @AfterEach
    void endTime() {
        clock.close();
    }

    private ProfileRouter router(UnaryOperator<ProfileRouting> change) {
        ProfileRouting routing = ProfileRouting.of(
                        name -> {
                            asked.add(name);
                            return profiles.flux();
                        },
                        this::service)
                .withScheduler(clock);
        return change.apply(routing).create(NAME);
    }

    private ProfileRouter router() {
        return router(routing -> routing);
    }

    private ScriptedService service(Object key) {
        return services.compute(
                key,
                (same, known) ->
                        known == null || known.status() == Service.Status.CLOSED ? ScriptedService.create() : known);
    }

    private static HttpExchange get(String target) {
        return HttpExchange.of(RequestHead.of("GET", "orders.example", target), Body.empty());
    }

    private static ProfileRoute route(String path) {
        return ProfileRoute.of(RequestMatch.path(path)).withLabel("route", path);
    }

    private CompletableFuture<HttpReply> call(ProfileRouter router, String target) {
        return router.call(get(target)).toFuture();
    }

    /** The last call that a service has seen. */
    private ScriptedService.Call last(Object key) {
        List<ScriptedService.Call> calls = services.get(key).calls();
        return calls.get(calls.size() - 1);
    }

    private Map<String, String> labelsOf(ProfileRouter router, String target) {
        call(router, target);
        return RouteLabels.of(last(NAME).exchange()).raw();
    }

    // ---- the choice of a route

    @Test
    void theFirstRouteThatMatchesIsTaken() {
        ProfileRouter router = router();
        profiles.next(Profile.of(route("/books/.*"), route("/books/1"), route("/authors")));
        assertThat(labelsOf(router, "/books/1")).containsExactly(Map.entry("route", "/books/.*"));
        assertThat(labelsOf(router, "/authors?x=/books/1")).containsExactly(Map.entry("route", "/authors"));
        assertThat(labelsOf(router, "/other")).isEmpty();
        assertThat(router.stats().routes()).extracting(RouteStats::calls).containsExactly(1L, 0L, 1L);
        assertThat(router.stats().defaultRoute().calls()).isEqualTo(1);
    }

    @Test
    void anExchangeCarriesTheLabelsAndTheClassifierOfItsRoute() {
        ProfileRouter router = router();
        ResponseClass notFound = new ResponseClass(ResponseMatch.status(404), true);
        profiles.next(Profile.of(route("/a").withLabel("app", "x").withClasses(notFound)));
        call(router, "/a");
        HttpExchange seen = last(NAME).exchange();
        assertThat(RouteLabels.of(seen).prefixed())
                .containsExactly(Map.entry("rt_app", "x"), Map.entry("rt_route", "/a"));
        assertThat(Classifier.of(seen).atHead(seen.head(), new ReplyHead(404, Fields.empty())))
                .matches(verdict -> verdict != null && verdict.isFailure());
    }

    @Test
    void theDefaultRouteLeavesAnExchangeAsItIs() {
        ProfileRouter router = router();
        profiles.next(Profile.of(route("/a")));
        HttpExchange given = get("/b");
        router.call(given).toFuture();
        assertThat(last(NAME).exchange()).isSameAs(given);
        assertThat(RouteLabels.of(given)).isSameAs(RouteLabels.NONE);
    }

    @Test
    void anOpaqueProfileHasNoRoutes() {
        ProfileRouter router = router();
        profiles.next(new Profile(List.of(route("/a")), null, List.of(), true, null, null));
        assertThat(labelsOf(router, "/a")).isEmpty();
        assertThat(router.explain(get("/a").head()).toString()).contains("opaque");
    }

    @Test
    void aChoiceAmongRoutesAllocatesNothing() {
        RouteTable table = RouteTable.create((route, attempts, budget) -> service("x"))
                .with(
                        Profile.of(route("/a"), route("/b/[^/]+"), route("/c/.*"), route("/d\\.json")),
                        (route, attempts, budget) -> service("x"));
        RequestHead head = get("/d.json").head();
        AllocationAssert.assertNothingBeyond(
                () -> {}, () -> table.choose(head).calls.increment());
        assertThat(table.stats().get(3).calls()).isPositive();
    }

    // ---- before and without a profile

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

    // ---- the next profile

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

    // ---- where it goes

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

    // ---- timeouts

    @Test
    void theTimeoutSpansAllAttempts() {
        ProfileRouter router = router();
        profiles.next(Profile.of(route("/a").withRetryable(true).withTimeout(Duration.ofSeconds(2)))
                .withRetryBudget(BudgetSettings.DEFAULTS));
        CompletableFuture<HttpReply> reply = call(router, "/a");
        clock.advance(Duration.ofMillis(1_500));
        last(NAME).reply(HttpReply.of(500));
        assertThat(services.get(NAME).calls()).hasSize(2);
        clock.advance(Duration.ofMillis(1_000));
        assertThat(last(NAME).cancels()).isEqualTo(1);
        assertThat(reply)
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .havingCause()
                .satisfies(
                        error -> assertThat(((GatewayException) error).status()).isEqualTo(504))
                .satisfies(error -> assertThat(
                                Classifier.standard().ofFailure(error).error())
                        .isEqualTo("timeout"));
        assertThat(services.get(NAME).calls()).as("a timeout is not retried").hasSize(2);
    }

    // ---- watches

    @Test
    void callsAndAttemptsAreWatched() {
        List<String> told = new ArrayList<>();
        ProfileRouter router = router(routing -> routing.withWatch(new RouteWatch() {
            @Override
            public Function<HttpExchange, CallWatch> calls(String destination, RouteLabels labels) {
                return exchange -> new Noting("call " + RouteLabels.of(exchange), told);
            }

            @Override
            public Function<HttpExchange, CallWatch> attempts(String destination, RouteLabels labels) {
                return exchange -> new Noting("attempt " + RouteLabels.of(exchange), told);
            }
        }));
        profiles.next(Profile.of(route("/a").withRetryable(true)).withRetryBudget(BUDGET));
        call(router, "/a");
        last(NAME).reply(HttpReply.of(500));
        last(NAME).reply(HttpReply.of(200));
        assertThat(told)
                .containsExactly(
                        "attempt {route=/a} 500 complete",
                        "attempt {route=/a} 200 complete",
                        "call {route=/a} 200 complete");
    }

    private static final class Noting implements CallWatch {

        private final List<String> told;
        private String text;

        Noting(String text, List<String> told) {
            this.text = text;
            this.told = told;
        }

        @Override
        public void onReply(ReplyHead head) {
            text += " " + head.status();
        }

        @Override
        public void onComplete(Fields trailers) {
            told.add(text + " complete");
        }

        @Override
        public void onFailure(Throwable cause) {
            told.add(text + " failure");
        }

        @Override
        public void onCancel() {
            told.add(text + " cancel");
        }
    }

    // ---- explanations

    @Test
    void tellsWhyARouteIsTakenAndOthersAreNot() {
        ProfileRouter router = router();
        profiles.next(Profile.of(
                ProfileRoute.of(RequestMatch.all(RequestMatch.method("POST"), RequestMatch.path("/books")))
                        .withLabel("route", "new"),
                ProfileRoute.of(RequestMatch.any(RequestMatch.path("/authors"), RequestMatch.path("/books/[^/]+"))),
                ProfileRoute.of(new RequestMatch.Not(RequestMatch.path("/.*"))),
                route("/books"),
                route("/never asked")));
        RouteExplanation explanation = router.explain(get("/books?page=2").head());
        assertThat(explanation.chosen()).isEqualTo(3);
        assertThat(explanation.labels().raw()).containsEntry("route", "/books");
        assertThat(explanation.toString()).isEqualTo("""
                route 0 {route=new}: method GET is not POST
                route 1 {}: path /books does not match /authors and path /books does not match /books/[^/]+
                route 2 {}: it matches path /.*, which it must not
                route 3 {route=/books}: taken""");
        assertThat(router.explain(get("/x").head()).chosen()).isEqualTo(RouteExplanation.DEFAULT_ROUTE);
        assertThat(router.explain(get("/x").head()).toString()).endsWith("\ndefault route: taken, no other matches");
        assertThat(router.stats().defaultRoute().calls())
                .as("nothing is counted")
                .isZero();
    }

    // ---- the end

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
