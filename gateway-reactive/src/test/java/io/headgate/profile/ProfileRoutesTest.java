package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.GatewayException;
import io.headgate.classify.Classifier;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.retry.BudgetSettings;
import io.headgate.test.AllocationAssert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Which route a call takes, and what the route does for it. */
class ProfileRoutesTest extends ProfileRouterTestBase {

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
}
