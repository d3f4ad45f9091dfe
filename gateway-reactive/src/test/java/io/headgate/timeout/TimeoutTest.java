package io.headgate.timeout;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.Stage;
import io.headgate.classify.Classifier;
import io.headgate.forward.Networks;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

class TimeoutTest {

    private final VirtualClock clock = VirtualClock.install();
    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedService next = ScriptedService.create();

    @AfterEach
    void nothingIsLeft() {
        clock.advance(Duration.ofMillis(20));
        assertThat(clock.pending()).as("timers").isZero();
        clock.close();
        allocator.assertNoLeaks();
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
    }

    private static final class Reader extends BaseSubscriber<ByteBuf> {

        int bytes;
        boolean completed;
        Throwable error;

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            bytes += buffer.readableBytes();
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

    private Result call(Stage<HttpExchange, HttpReply> stage, HttpExchange exchange) {
        Result result = new Result();
        stage.wrap(next).call(exchange).subscribe(result);
        return result;
    }

    @Test
    void aReplyThatDoesNotComeIs504AndTheCallIsCancelled() {
        Result result = call(Timeout.of(Duration.ofSeconds(1)), TestExchange.get("/"));
        clock.advance(Duration.ofMillis(990));
        assertThat(result.error).isNull();
        clock.advance(Duration.ofMillis(30));
        assertThat(result.error)
                .isInstanceOfSatisfying(
                        TimedOutException.class,
                        error -> assertThat(error.status()).isEqualTo(504));
        assertThat(Classifier.standard().ofFailure(result.error).error()).isEqualTo("timeout");
        assertThat(next.onlyCall().cancels()).isEqualTo(1);
        next.onlyCall().reply(HttpReply.of(200, Fields.empty(), Body.of(allocator.utf8("late"))));
    }

    @Test
    void theBodyMayTakeAsLongAsItLikes() {
        Result result = call(Timeout.of(Duration.ofSeconds(1)), TestExchange.get("/"));
        ScriptedBody body = next.onlyCall().reply(200, Fields.empty());
        clock.advance(Duration.ofHours(1));
        Reader reader = new Reader();
        result.reply.body().subscribe(reader);
        body.emit(allocator.utf8("x")).complete();
        assertThat(reader.completed).isTrue();
        assertThat(next.onlyCall().exchange().deadline().isNone()).isTrue();
    }

    @Test
    void aReplyAtOnceCostsNoTimer() {
        Timeout.of(Duration.ofSeconds(1))
                .wrap(exchange -> Mono.just(HttpReply.of(200)))
                .call(TestExchange.get("/"))
                .subscribe();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void anExchangeThatIsNotWholeInTimeIsCut() {
        Result result = call(ExchangeTimeout.of(Duration.ofSeconds(1)), TestExchange.get("/"));
        assertThat(next.onlyCall().exchange().deadline().remainingNanos()).isBetween(1L, 1_000_000_000L);
        ScriptedBody body = next.onlyCall().reply(200, Fields.empty());
        Reader reader = new Reader();
        result.reply.body().subscribe(reader);
        body.emit(allocator.utf8("some"));
        clock.advance(Duration.ofMillis(1020));
        assertThat(reader.bytes).isEqualTo(4);
        assertThat(reader.error).isInstanceOf(TimedOutException.class).hasMessageContaining("not whole within PT1S");
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
    }

    @Test
    void aReplyThatNobodyReadsInTimeIsDropped() {
        Result result = call(ExchangeTimeout.of(Duration.ofSeconds(1)), TestExchange.get("/"));
        ScriptedBody body = next.onlyCall().reply(200, Fields.empty()).emit(allocator.utf8("some"));
        clock.advance(Duration.ofMillis(1020));
        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
        Reader reader = new Reader();
        result.reply.body().subscribe(reader);
        assertThat(reader.error).isInstanceOf(TimedOutException.class);
    }

    @Test
    void theEarlierOfTwoDeadlinesCounts() {
        Deadline given = Deadline.after(Duration.ofMillis(500));
        Result result = call(
                ExchangeTimeout.of(Duration.ofHours(1)), TestExchange.get("/").withDeadline(given));
        assertThat(next.onlyCall().exchange().deadline()).isEqualTo(given);
        clock.advance(Duration.ofMillis(520));
        assertThat(result.error).isInstanceOf(TimedOutException.class);
    }

    // ---- from hop to hop

    @Test
    void whatIsLeftIsSent() {
        Stage<HttpExchange, HttpReply> stage = DeadlineField.of("x-timeout-ms").send();
        call(stage, TestExchange.get("/").withDeadline(Deadline.after(Duration.ofSeconds(10))));
        String sent = next.calls().get(0).exchange().head().fields().get("x-timeout-ms");
        assertThat(Long.parseLong(sent)).isBetween(1L, 10_000L);
        call(stage, TestExchange.get("/"));
        assertThat(next.calls().get(1).exchange().head().fields().isEmpty()).isTrue();
        next.calls().forEach(call -> call.reply(HttpReply.of(200)));
    }

    @Test
    void onlyATrustedPeerSetsTheDeadline() {
        HttpExchange exchange = TestExchange.get("/");
        HttpExchange asking = exchange.withHead(exchange.head().withFields(Fields.of("x-timeout-ms", "250")));
        DeadlineField field = DeadlineField.of("x-timeout-ms");
        call(field.receive(Networks.of("0.0.0.0/0", "::/0")), asking);
        call(field.receive(Networks.NONE), asking);
        HttpExchange stranger = next.calls().get(1).exchange();
        assertThat(stranger.deadline().isNone()).isTrue();
        assertThat(stranger.head().fields().isEmpty()).isTrue();
        next.calls().forEach(call -> call.reply(HttpReply.of(200)));
    }
}
