package io.headgate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.test.ScriptedBody;
import io.headgate.test.TestExchange;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What becomes of the body of a request that is tried again. */
class RetryBodiesTest extends RetryTestBase {

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
}
