package io.headgate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.classify.Classifier;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import io.headgate.mux.ClientException;
import io.headgate.mux.DeadlineException;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import io.headgate.timeout.TimedOutException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

class RetryTest {

    private static final RetryPolicy ANY = RetryPolicy.DEFAULTS.withAnyMethod();
    private static final Fields GRPC = Fields.of("content-type", "application/grpc");

    private final VirtualClock clock = VirtualClock.install();
    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedService next = ScriptedService.create();
    private final RetryBudget budget =
            RetryBudget.of(new BudgetSettings(1, 5, Duration.ofSeconds(1)), () -> clock.now(TimeUnit.NANOSECONDS));
    private Retry retry = Retry.of(RetryPolicy.DEFAULTS, budget).withRandom(() -> 0);
    private Service<HttpExchange, HttpReply> service = retry.wrap(next);

    @AfterEach
    void nothingIsLeft() {
        clock.advance(Duration.ofMillis(20));
        assertThat(clock.pending()).as("timers").isZero();
        clock.close();
        allocator.assertNoLeaks();
    }

    private void use(RetryPolicy policy) {
        retry = Retry.of(policy, budget).withRandom(() -> 0);
        service = retry.wrap(next);
    }

    private static final class Result extends BaseSubscriber<HttpReply> {

        HttpReply reply;
        Throwable error;

        @Override
        protected void hookOnNext(HttpReply value) {
            reply = value;
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
        }

        int status() {
            return reply == null ? 0 : reply.status();
        }
    }

    private Result call(HttpExchange exchange) {
        Result result = new Result();
        service.call(exchange).subscribe(result);
        return result;
    }

    private Result get() {
        return call(TestExchange.get("/"));
    }

    private ScriptedService.Call attempt(int number) {
        assertThat(next.calls()).as("attempts").hasSizeGreaterThanOrEqualTo(number);
        return next.calls().get(number - 1);
    }

    private static String read(Body body) {
        StringBuilder text = new StringBuilder();
        body.subscribe(buffer -> {
            text.append(buffer.toString(StandardCharsets.UTF_8));
            buffer.release();
        });
        return text.toString();
    }

    /** Reads a body as slowly as it is told to. */
    private static final class Reader extends BaseSubscriber<ByteBuf> {

        final List<String> chunks = new ArrayList<>();
        boolean completed;
        Throwable error;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // asks when told to
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            chunks.add(buffer.toString(StandardCharsets.UTF_8));
            buffer.release();
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
        }
    }

    private static Reader reader(ScriptedService.Call call) {
        Reader reader = new Reader();
        call.exchange().body().subscribe(reader);
        return reader;
    }

    // ---- what is tried again

    @Test
    void aFailureIsTriedAgainUntilItIsNone() {
        Result result = get();
        ScriptedBody dropped = attempt(1).reply(503, Fields.empty());
        dropped.emit(allocator.utf8("sorry")).complete();
        attempt(2).reply(HttpReply.of(500));
        assertThat(Retry.attempt(attempt(1).exchange())).isEqualTo(1);
        assertThat(Retry.attempt(attempt(2).exchange())).isEqualTo(2);
        assertThat(Retry.attempt(attempt(3).exchange())).isEqualTo(3);
        attempt(3).reply(HttpReply.of(200));
        assertThat(result.status()).isEqualTo(200);
        assertThat(dropped.end())
                .as("read to its end, for the connection's sake")
                .isEqualTo(ScriptedBody.End.COMPLETED);
        assertThat(retry.stats().retries()).isEqualTo(2);
        assertThat(retry.stats().recovered()).isEqualTo(1);
    }

    @Test
    void aLongReplyIsNotReadToItsEnd() {
        get();
        ScriptedBody dropped = attempt(1).reply(503, Fields.empty());
        for (int i = 0; i < 5; i++) {
            dropped.emit(allocator.directBuffer(8192).writeZero(8192));
        }
        assertThat(dropped.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        attempt(2).reply(HttpReply.of(200));
    }

    @Test
    void whatIsNotIdempotentIsTriedAgainOnlyWhenNobodyHasProcessedIt() {
        Result failed = call(TestExchange.post("/", Body.empty()));
        attempt(1).reply(HttpReply.of(503));
        assertThat(failed.status()).isEqualTo(503);

        Result lost = call(TestExchange.post("/", Body.empty()));
        attempt(2).fail(UpstreamException.of(Failure.LOST, null));
        assertThat(lost.error).isInstanceOf(UpstreamException.class);

        Result unprocessed = call(TestExchange.post("/", Body.of(allocator.utf8("body"))));
        attempt(3).fail(UpstreamException.unprocessed(Failure.REFUSED, null));
        assertThat(read(attempt(4).exchange().body())).isEqualTo("body");
        attempt(4).reply(HttpReply.of(200));
        assertThat(unprocessed.status()).isEqualTo(200);
        assertThat(next.calls()).hasSize(4);
    }

    @Test
    void aLostConnectionIsTriedAgainWhereThePolicyIsForIt() {
        Result result = get();
        attempt(1).fail(UpstreamException.of(Failure.LOST, new IOException("reset")));
        attempt(2).reply(HttpReply.of(200));
        assertThat(result.status()).isEqualTo(200);
    }

    @Test
    void refusalsMistakesOfTheClientAndDeadlinesAreNotTriedAgain() {
        List<Throwable> failures = List.of(
                new RefusedException(429, "too many"),
                ClientException.gone("gone", null),
                ClientException.stalled(),
                DeadlineException.exceeded(),
                UpstreamException.unprocessed(Failure.OVERLOADED, null));
        for (Throwable failure : failures) {
            Result result = get();
            attempt(next.calls().size()).fail(failure);
            assertThat(result.error).isSameAs(failure);
        }
        assertThat(next.calls()).hasSize(failures.size());
    }

    @Test
    void whatWasRefusedToShedLoadIsTriedAgainWhenThePolicySaysSo() {
        use(RetryPolicy.DEFAULTS.withRejected(true));
        UpstreamException shed = UpstreamException.unprocessed(Failure.OVERLOADED, null);
        assertThat(shed.is(Trait.REJECTED)).isTrue();
        Result result = get();
        attempt(1).fail(shed);
        attempt(2).reply(HttpReply.of(200));
        assertThat(result.status()).isEqualTo(200);
        Result refused = get();
        attempt(3).fail(new RefusedException(429, "too many"));
        assertThat(refused.error).isInstanceOf(RefusedException.class);
    }

    /** An endpoint that refuses, as one does whose breaker is open. */
    private static final class NotHere extends GatewayException {

        private static final long serialVersionUID = 1L;

        NotHere() {
            super(503, Set.of(Trait.RETRYABLE, Trait.REJECTED, Trait.ELSEWHERE), "not here", null, false);
        }
    }

    @Test
    void whatOneEndpointRefusedIsTriedElsewhere() {
        Result result = get();
        attempt(1).fail(new NotHere());
        attempt(2).reply(HttpReply.of(200));
        assertThat(result.status()).isEqualTo(200);
    }

    @Test
    void theClassifierOfTheExchangeDecides() {
        Classifier notFound = new Classifier() {
            @Override
            public io.headgate.classify.Classification atHead(RequestHead request, io.headgate.http.ReplyHead reply) {
                return io.headgate.classify.Classification.of(reply.status() != 404);
            }

            @Override
            public io.headgate.classify.Classification atEnd(
                    RequestHead request, io.headgate.http.ReplyHead reply, Fields trailers) {
                return atHead(request, reply);
            }
        };
        Result result = call(TestExchange.get("/").withAttribute(Classifier.KEY, notFound));
        attempt(1).reply(HttpReply.of(404));
        attempt(2).reply(HttpReply.of(503));
        assertThat(result.status()).isEqualTo(503);
    }

    @Test
    void thePredicateOfThePolicyNarrowsIt() {
        use(RetryPolicy.DEFAULTS.withFailures(
                failed -> failed.reply() != null && failed.reply().status() == 503));
        Result result = get();
        attempt(1).reply(HttpReply.of(503));
        attempt(2).reply(HttpReply.of(500));
        assertThat(result.status()).isEqualTo(500);
    }

    @Test
    void tunnelsAreNotTriedAgain() {
        HttpExchange exchange = TestExchange.get("/");
        Result result = call(exchange.withHead(exchange.head().withUpgrade("websocket")));
        UpstreamException failure = UpstreamException.unprocessed(Failure.CONNECT, null);
        attempt(1).fail(failure);
        assertThat(result.error).isSameAs(failure);
    }

    // ---- how often

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

    // ---- when

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

    // ---- bodies

    @Test
    void aBodyIsKeptAndSentAgainWithItsTrailers() {
        use(ANY);
        ScriptedBody body = ScriptedBody.create();
        Result result = call(TestExchange.post("/", body));
        Reader first = reader(attempt(1));
        first.request(10);
        body.emit(allocator.utf8("one")).emit(allocator.utf8("two")).complete(Fields.of("x-trailer", "yes"));
        assertThat(first.chunks).containsExactly("one", "two");
        assertThat(first.completed).isTrue();
        attempt(1).reply(HttpReply.of(503));
        Reader second = reader(attempt(2));
        second.request(1);
        assertThat(second.chunks).containsExactly("one");
        second.request(10);
        assertThat(second.chunks).containsExactly("one", "two");
        assertThat(second.completed).isTrue();
        Fields[] trailers = new Fields[1];
        attempt(2).exchange().body().trailers().subscribe(fields -> trailers[0] = fields);
        assertThat(trailers[0]).isEqualTo(Fields.of("x-trailer", "yes"));
        attempt(2).reply(HttpReply.of(200));
        assertThat(result.status()).isEqualTo(200);
    }

    @Test
    void anUploadThatWasCutGoesOnWhereTheClientIs() {
        use(ANY);
        ScriptedBody body = ScriptedBody.create();
        Result result = call(TestExchange.post("/", body));
        Reader first = reader(attempt(1));
        first.request(1);
        body.emit(allocator.utf8("one"));
        first.cancel();
        assertThat(body.end()).as("not cancelled: another attempt may come").isNull();
        attempt(1).fail(UpstreamException.of(Failure.LOST, null));
        Reader second = reader(attempt(2));
        second.request(10);
        body.emit(allocator.utf8("two")).complete();
        assertThat(second.chunks).containsExactly("one", "two");
        attempt(2).reply(HttpReply.of(200));
        assertThat(result.status()).isEqualTo(200);
    }

    @Test
    void theClientIsReadNoFasterThanTheAttemptReads() {
        use(ANY);
        ScriptedBody body = ScriptedBody.create();
        Result result = call(TestExchange.post("/", body));
        body.emit(allocator.utf8("one")).emit(allocator.utf8("two")).emit(allocator.utf8("three"));
        assertThat(body.subscriptions()).isZero();
        Reader first = reader(attempt(1));
        assertThat(body.requested()).isZero();
        first.request(2);
        assertThat(body.requested()).isEqualTo(2);
        assertThat(first.chunks).containsExactly("one", "two");
        attempt(1).fail(UpstreamException.of(Failure.LOST, null));
        Reader second = reader(attempt(2));
        second.request(1);
        assertThat(body.requested()).as("what is kept comes first").isEqualTo(2);
        result.cancel();
        assertThat(body.cancels()).isEqualTo(1);
    }

    @Test
    void aBodyThatGetsTooLongIsNotKeptAndNotSentAgain() {
        use(ANY.withBodyBytes(600));
        ScriptedBody body = ScriptedBody.create();
        Result result = call(TestExchange.post("/", body));
        Reader first = reader(attempt(1));
        first.request(10);
        for (int i = 0; i < 5; i++) {
            body.emit(allocator.utf8("chunk " + i)); // counts for 256
        }
        assertThat(first.chunks).hasSize(5);
        assertThat(allocator.liveBuffers()).as("buffers that are held").isZero();
        body.complete();
        assertThat(first.completed).isTrue();
        attempt(1).reply(HttpReply.of(503));
        assertThat(result.status()).isEqualTo(503);
        assertThat(retry.stats().skipped()).containsEntry(Skipped.BODY, 1L);
    }

    @Test
    void aReplyBeforeTheEndOfTheRequestIsTheReply() {
        use(ANY);
        ScriptedBody body = ScriptedBody.create();
        Result result = call(TestExchange.post("/", body));
        Reader first = reader(attempt(1));
        first.request(10);
        body.emit(allocator.utf8("one"));
        HttpReply early = HttpReply.of(503, Fields.empty(), ScriptedBody.create());
        attempt(1).reply(early);
        assertThat(result.status()).isEqualTo(503);
        body.emit(allocator.utf8("two")).complete();
        assertThat(first.chunks).containsExactly("one", "two");
        assertThat(first.completed).isTrue();
        assertThat(retry.stats().skipped()).containsEntry(Skipped.EARLY_REPLY, 1L);
        result.reply.discard();
    }

    @Test
    void aRequestThatTheClientCutsIsNotTriedAgain() {
        use(ANY);
        ScriptedBody body = ScriptedBody.create();
        Result result = call(TestExchange.post("/", body));
        Reader first = reader(attempt(1));
        first.request(10);
        IOException cut = new IOException("client is gone");
        body.emit(allocator.utf8("one")).fail(cut);
        assertThat(first.error).isSameAs(cut);
        attempt(1).fail(cut);
        assertThat(result.error).isSameAs(cut);
        assertThat(retry.stats().skipped()).containsEntry(Skipped.BODY, 1L);
    }

    @Test
    void aBodyThatIsDeclaredTooLongIsHeldForWhomHasNotReadIt() {
        use(ANY.withBodyBytes(3));
        Result result = call(TestExchange.post("/", Body.of(allocator.utf8("long"))));
        attempt(1).fail(UpstreamException.unprocessed(Failure.CONNECT, null));
        assertThat(read(attempt(2).exchange().body())).isEqualTo("long");
        UpstreamException failure = UpstreamException.of(Failure.LOST, null);
        attempt(2).fail(failure);
        assertThat(result.error).isSameAs(failure);
    }

    @Test
    void nobodyIsAskedForABodyThatIsHere() {
        use(ANY);
        HttpExchange exchange = TestExchange.post("/", Body.of(allocator.utf8("body")));
        call(exchange.withHead(exchange.head().withFields(Fields.of("expect", "100-continue"))));
        assertThat(attempt(1).exchange().head().fields().get("expect")).isEqualTo("100-continue");
        read(attempt(1).exchange().body());
        attempt(1).fail(UpstreamException.of(Failure.LOST, null));
        assertThat(attempt(2).exchange().head().fields().contains("expect")).isFalse();
        attempt(2).reply(HttpReply.of(200));
    }

    // ---- gRPC

    private static HttpExchange grpc() {
        HttpExchange exchange = TestExchange.post("/a.B/c", Body.empty());
        return exchange.withHead(exchange.head().withFields(GRPC));
    }

    @Test
    void aGrpcStatusInTheHeadDecidesAtOnce() {
        use(ANY);
        Result result = call(grpc());
        Fields unavailable = Fields.of("content-type", "application/grpc", "grpc-status", "14");
        attempt(1).reply(HttpReply.of(200, unavailable, Body.empty()));
        attempt(2).reply(HttpReply.of(200, GRPC, Body.of(allocator.utf8("data"))));
        assertThat(result.reply.fields()).isEqualTo(GRPC);
        result.reply.discard();
    }

    @Test
    void trailersBeforeAnyDataDecide() {
        use(ANY);
        Result result = call(grpc());
        attempt(1).reply(200, GRPC).complete(Fields.of("grpc-status", "14", "grpc-retry-pushback-ms", "100"));
        assertThat(next.calls()).hasSize(1);
        clock.advance(Duration.ofMillis(120));
        attempt(2).reply(200, GRPC).complete(Fields.of("grpc-status", "0"));
        assertThat(read(result.reply.body())).isEmpty();
        Fields[] trailers = new Fields[1];
        result.reply.body().trailers().subscribe(fields -> trailers[0] = fields);
        assertThat(trailers[0]).isEqualTo(Fields.of("grpc-status", "0"));
    }

    @Test
    void dataLetsEverythingPassInOrderAndOnDemand() {
        use(ANY);
        Result result = call(grpc());
        ScriptedBody body = attempt(1).reply(200, GRPC);
        assertThat(result.reply).as("waits for the first data").isNull();
        body.emit(allocator.utf8("one")).emit(allocator.utf8("two")).emit(allocator.utf8("three"));
        assertThat(result.status()).isEqualTo(200);
        assertThat(body.requested()).isEqualTo(1);
        Reader reader = new Reader();
        result.reply.body().subscribe(reader);
        assertThat(reader.chunks).isEmpty();
        reader.request(2);
        assertThat(reader.chunks).containsExactly("one", "two");
        assertThat(body.requested()).isEqualTo(2);
        reader.request(5);
        body.complete(Fields.of("grpc-status", "14"));
        assertThat(reader.chunks).containsExactly("one", "two", "three");
        assertThat(reader.completed).isTrue();
        Fields[] trailers = new Fields[1];
        result.reply.body().trailers().subscribe(fields -> trailers[0] = fields);
        assertThat(trailers[0]).isEqualTo(Fields.of("grpc-status", "14"));
        assertThat(next.calls()).hasSize(1);
    }

    @Test
    void theHeadOfASlowGrpcReplyWaitsNotForLong() {
        use(ANY);
        Result result = call(grpc());
        ScriptedBody body = attempt(1).reply(200, GRPC);
        clock.advance(Duration.ofMillis(120));
        assertThat(result.status()).isEqualTo(200);
        Reader reader = new Reader();
        result.reply.body().subscribe(reader);
        reader.request(1);
        body.emit(allocator.utf8("one")).complete();
        assertThat(reader.chunks).containsExactly("one");
        assertThat(reader.completed).isTrue();
    }

    @Test
    void aGrpcReplyThatIsCutBeforeItsDataIsTriedAgain() {
        use(ANY);
        Result result = call(grpc());
        attempt(1).reply(200, GRPC).fail(UpstreamException.of(Failure.LOST, null));
        attempt(2).reply(HttpReply.of(200, GRPC, Body.of(allocator.utf8("data"))));
        assertThat(read(result.reply.body())).isEqualTo("data");
    }

    @Test
    void aCancelWhileTheHeadWaitsReachesTheReply() {
        use(ANY);
        Result result = call(grpc());
        ScriptedBody body = attempt(1).reply(200, GRPC);
        result.cancel();
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        assertThat(result.reply).isNull();
    }
}
