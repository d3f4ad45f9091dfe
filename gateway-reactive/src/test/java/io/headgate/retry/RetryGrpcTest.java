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
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The status of a gRPC reply comes at its end: a retry waits for it as long as no data has come. */
class RetryGrpcTest extends RetryTestBase {

    private static final Fields GRPC = Fields.of("content-type", "application/grpc");

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
