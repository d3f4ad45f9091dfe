package io.headgate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.retry.BudgetSettings;
import io.headgate.test.LeakTrackingAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What the tests of the first proxy with profiles wanted of retries, and where this one does more. That failed attempts give back
 * the window of their HTTP/2 connection needs a wire: see {@code ProfilesOnTheWireTest}.
 */
class ProfileConformanceTest {

    private static final ResponseClass FAILURES = new ResponseClass(ResponseMatch.status(500, 599), true);
    private static final ResponseMatch FIVE_HUNDRED = ResponseMatch.status(500);
    private static final BudgetSettings MANY = new BudgetSettings(0.1, 1, Duration.ofSeconds(10));

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final AtomicInteger requests = new AtomicInteger();
    private final List<String> bodies = new ArrayList<>();

    @AfterEach
    void nothingIsKept() {
        allocator.assertNoLeaks();
    }

    /** Fails so often, then answers. */
    private ProfileRouter router(int failures, Profile profile) {
        return ProfileRouting.of(
                        name -> Flux.concat(Flux.just(profile), Flux.never()),
                        name -> exchange -> exchange.body()
                                .asString(1 << 20)
                                .defaultIfEmpty("")
                                .map(body -> {
                                    bodies.add(body);
                                    return requests.incrementAndGet() <= failures
                                            ? HttpReply.of(500, Fields.empty(), Body.of(allocator.utf8("failed")))
                                            : HttpReply.of(200);
                                }))
                .create("profiles.test.svc.cluster.local:80");
    }

    private static ProfileRoute load() {
        return ProfileRoute.of(RequestMatch.path("/load")).withRetryable(true).withClasses(FAILURES);
    }

    private int get(ProfileRouter router, String path) {
        return send(router, HttpExchange.of(RequestHead.of("GET", "profiles.test", path), Body.empty()));
    }

    private int send(ProfileRouter router, HttpExchange exchange) {
        List<Integer> status = new ArrayList<>();
        router.call(exchange).subscribe(reply -> {
            status.add(reply.status());
            reply.discard();
        });
        return status.get(0);
    }

    @Test
    void aFailureByClassIsRetried() {
        assertThat(get(router(1, Profile.of(load()).withRetryBudget(MANY)), "/load"))
                .isEqualTo(200);
        assertThat(requests).hasValue(2);
    }

    @Test
    void theBudgetIsUsedUp() {
        Profile profile = Profile.of(load()).withRetryBudget(new BudgetSettings(0, 1, Duration.ofSeconds(1)));
        assertThat(get(router(5, profile), "/load")).isEqualTo(500);
        assertThat(requests).as("one retry").hasValue(2);
    }

    @Test
    void whatNoRouteMatchesIsNotRetried() {
        assertThat(get(router(1, Profile.of(load()).withRetryBudget(MANY)), "/other"))
                .isEqualTo(500);
        assertThat(requests).hasValue(1);
    }

    @Test
    void aRouteThatIsNotRetryableIsNotRetried() {
        Profile profile = Profile.of(load().withRetryable(false)).withRetryBudget(MANY);
        assertThat(get(router(1, profile), "/load")).isEqualTo(500);
        assertThat(requests).hasValue(1);
    }

    @Test
    void anEarlierClassOfSuccessWinsOverALaterOneOfFailure() {
        Profile profile = Profile.of(load().withClasses(new ResponseClass(FIVE_HUNDRED, false), FAILURES))
                .withRetryBudget(MANY);
        assertThat(get(router(1, profile), "/load")).isEqualTo(500);
        assertThat(requests).hasValue(1);
    }

    /** The first version retried no request with a body. */
    @Test
    void aRequestIsRetriedWithItsBody() {
        ProfileRouter router = router(1, Profile.of(load()).withRetryBudget(MANY));
        Body body = Body.of(Flux.just(allocator.utf8("a lo"), allocator.utf8("ad")), Body.UNKNOWN_LENGTH, Mono.empty());
        assertThat(send(router, HttpExchange.of(RequestHead.of("POST", "profiles.test", "/load"), body)))
                .isEqualTo(200);
        assertThat(bodies).containsExactly("a load", "a load");
    }

    @Test
    void aBodyThatIsTooLargeToBeKeptIsNotRetried() {
        ProfileRouter router = router(1, Profile.of(load()).withRetryBudget(MANY));
        String chunk = "x".repeat(1024);
        Body body = Body.of(Flux.range(0, 65).map(i -> allocator.utf8(chunk)));
        assertThat(send(router, HttpExchange.of(RequestHead.of("POST", "profiles.test", "/load"), body)))
                .isEqualTo(500);
        assertThat(bodies).singleElement().asString().hasSize(65 * 1024);
    }

    @Test
    void withoutABudgetNothingIsRetried() {
        assertThat(get(router(1, Profile.of(load())), "/load")).isEqualTo(500);
        assertThat(requests).hasValue(1);
    }

    /** Whoever reads such a budget from a message has no budget; then nothing is retried, as above. */
    @ParameterizedTest
    @CsvSource({"0.1, 1, 0", "0.1, 1, 1000000", "0.1, -1, 10", "1000.5, 1, 10", "-0.1, 1, 10", "NaN, 1, 10"})
    void aBudgetThatIsNoneCannotBeMade(double ratio, int minPerSecond, long ttl) {
        assertThatThrownBy(() -> new BudgetSettings(ratio, minPerSecond, Duration.ofSeconds(ttl)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: ");
    }
}
