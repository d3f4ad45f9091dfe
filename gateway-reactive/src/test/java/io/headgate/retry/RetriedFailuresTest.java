package io.headgate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.GatewayException;
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
import io.headgate.test.ScriptedBody;
import io.headgate.test.TestExchange;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which failures are tried again. */
class RetriedFailuresTest extends RetryTestBase {

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
}
