package io.headgate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.test.ScriptedBody;
import io.headgate.test.TestExchange;
import io.headgate.timeout.TimedOutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/** How often a call is tried again, and when. */
class RetryBoundsTest extends RetryTestBase {

    @Test
    void theBudgetBoundsRetriesAndTheLastFailureIsTheReply() {
        use(RetryPolicy.DEFAULTS);
        Result result = get();
        for (int i = 1; i <= 6; i++) {
            attempt(i).reply(HttpReply.of(503));
        }
        assertThat(result.status()).isEqualTo(503);
        assertThat(next.calls()).hasSize(6);
        assertThat(retry.stats().skipped()).containsEntry(Skipped.NO_BUDGET, 1L);
        Result another = get();
        attempt(7).reply(HttpReply.of(503));
        assertThat(another.status()).isEqualTo(503);
        get();
        attempt(8).reply(HttpReply.of(200));
        assertThat(budget.balance()).as("a success pays in").isEqualTo(1);
    }

    @Test
    void thePolicyMayBoundAttempts() {
        use(RetryPolicy.DEFAULTS.withMaxAttempts(2));
        Result result = get();
        attempt(1).reply(HttpReply.of(503));
        attempt(2).reply(HttpReply.of(503));
        assertThat(result.status()).isEqualTo(503);
        assertThat(retry.stats().skipped()).containsEntry(Skipped.MAX_ATTEMPTS, 1L);
        assertThat(RetryPolicy.DEFAULTS.withMaxAttempts(1))
                .satisfies(policy ->
                        assertThat(Retry.of(policy, budget).wrap(next)).isSameAs(next));
    }

    @Test
    void failuresAtOnceDoNotPileUpOnTheStack() {
        RetryBudget large = RetryBudget.of(new BudgetSettings(0, 100_000, Duration.ofSeconds(1)));
        UpstreamException failure = UpstreamException.unprocessed(Failure.CONNECT, null);
        Result result = new Result();
        Retry.of(RetryPolicy.DEFAULTS.withMaxAttempts(50_000), large)
                .wrap(exchange -> Mono.error(failure))
                .call(TestExchange.get("/"))
                .subscribe(result);
        assertThat(result.error).isSameAs(failure);
    }

    @Test
    void aServiceThatTakesNoCallsIsNotAskedAgain() {
        Result result = get();
        next.status(Service.Status.BUSY);
        attempt(1).reply(HttpReply.of(503));
        assertThat(result.status()).isEqualTo(503);
        assertThat(retry.stats().skipped()).containsEntry(Skipped.NOT_READY, 1L);
    }

    @Test
    void theListenerHearsOfRetriesAndOfTheirAbsence() {
        List<String> heard = new ArrayList<>();
        service = Retry.of(RetryPolicy.DEFAULTS.withMaxAttempts(2), budget)
                .withListener(new RetryListener() {
                    @Override
                    public void onRetry(FailedAttempt failed) {
                        heard.add("again after " + failed.number());
                    }

                    @Override
                    public void onSkipped(FailedAttempt failed, Skipped why) {
                        heard.add(why + " after " + failed.number());
                    }
                })
                .wrap(next);
        get();
        attempt(1).reply(HttpReply.of(503));
        attempt(2).reply(HttpReply.of(503));
        assertThat(heard).containsExactly("again after 1", "MAX_ATTEMPTS after 2");
    }

    @Test
    void backoffDoublesAndIsJittered() {
        Backoff backoff = Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(1));
        assertThat(backoff.nanos(1, 0)).isEqualTo(100_000_000);
        assertThat(backoff.nanos(2, 1)).isEqualTo(100_000_000);
        assertThat(backoff.nanos(3, 0)).isEqualTo(400_000_000);
        assertThat(backoff.nanos(100, 0)).isEqualTo(1_000_000_000);

        use(RetryPolicy.DEFAULTS.withBackoff(backoff));
        get();
        attempt(1).reply(HttpReply.of(503));
        clock.advance(Duration.ofMillis(90));
        assertThat(next.calls()).hasSize(1);
        clock.advance(Duration.ofMillis(30));
        attempt(2).reply(HttpReply.of(200));
    }

    @ParameterizedTest
    @CsvSource({"retry-after, 2", "grpc-retry-pushback-ms, 2000"})
    void theWaitThatAnUpstreamAsksForIsHonoured(String field, String value) {
        Result result = get();
        attempt(1).reply(HttpReply.of(503, Fields.of(field, value), Body.empty()));
        clock.advance(Duration.ofMillis(1990));
        assertThat(next.calls()).hasSize(1);
        clock.advance(Duration.ofMillis(30));
        attempt(2).reply(HttpReply.of(200));
        assertThat(result.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "retry-after, 6, NO_TIME",
        "retry-after, 999999999, NO_TIME",
        "'retry-after', 'Tue, 31 Dec 2999 23:59:59 GMT', NO_TIME",
        "grpc-retry-pushback-ms, -1, FORBIDDEN",
        "grpc-retry-pushback-ms, x, FORBIDDEN"
    })
    void aWaitThatIsTooLongOrARefusalIsNoRetry(String field, String value, Skipped why) {
        Result result = get();
        attempt(1).reply(HttpReply.of(503, Fields.of(field, value), Body.empty()));
        assertThat(result.status()).isEqualTo(503);
        assertThat(retry.stats().skipped()).containsEntry(why, 1L);
    }

    @Test
    void nothingIsTriedAfterTheDeadlineOrWaitedForBeyondIt() {
        Result late = call(TestExchange.get("/").withDeadline(Deadline.after(Duration.ZERO)));
        attempt(1).reply(HttpReply.of(503));
        assertThat(late.status()).isEqualTo(503);
        Result asked = call(TestExchange.get("/").withDeadline(Deadline.after(Duration.ofSeconds(1))));
        attempt(2).reply(HttpReply.of(503, Fields.of("retry-after", "1"), Body.empty()));
        assertThat(asked.status()).isEqualTo(503);
        assertThat(retry.stats().skipped()).containsEntry(Skipped.NO_TIME, 2L);
    }

    @Test
    void anAttemptThatTakesTooLongIsCancelledAndTriedAgain() {
        use(RetryPolicy.DEFAULTS.withPerTry(Duration.ofSeconds(1)).withMaxAttempts(2));
        Result result = get();
        clock.advance(Duration.ofMillis(1020));
        assertThat(attempt(1).cancels()).isEqualTo(1);
        assertThat(next.calls()).hasSize(2);
        attempt(1).reply(HttpReply.of(200, Fields.empty(), Body.of(allocator.utf8("late"))));
        clock.advance(Duration.ofMillis(1020));
        assertThat(attempt(2).cancels()).isEqualTo(1);
        assertThat(result.error).isInstanceOf(TimedOutException.class).hasMessageContaining("PT1S");
    }

    @Test
    void aCancelWhileWaitingDropsTheBody() {
        use(ANY.withBackoff(Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1))));
        ScriptedBody body = ScriptedBody.create().emit(allocator.utf8("body"));
        Result result = call(TestExchange.post("/", body));
        reader(attempt(1)).request(1);
        attempt(1).fail(UpstreamException.of(Failure.LOST, null));
        result.cancel();
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        clock.advance(Duration.ofSeconds(2));
        assertThat(next.calls()).hasSize(1);
    }
}
