package io.headgate.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** A permit is held to the end of the reply and comes back exactly once, for each stage and however the call ends. */
class PermitEndsTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedService next = ScriptedService.create();

    /** A stage of three permits, and how many of them are taken. */
    private record Subject(String name, Stage<HttpExchange, HttpReply> stage, IntSupplier taken) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Subject> subjects() {
        ConcurrencyLimit limit = ConcurrencyLimit.of(3);
        ConcurrencyLimit queueing = ConcurrencyLimit.of(3).withQueue(10, Duration.ofSeconds(1));
        Bulkhead bulkhead = Bulkhead.of(3, exchange -> "one");
        LoadShedding shedding = LoadShedding.create().withLimits(3, 3, 3).withPriority(exchange -> Priority.HIGH);
        return Stream.of(
                new Subject("limit", limit, () -> limit.stats().active()),
                new Subject(
                        "limit with a queue", queueing, () -> queueing.stats().active()),
                new Subject("bulkhead", bulkhead, () -> bulkhead.taken("one")),
                new Subject("load shedding", shedding, () -> shedding.stats().active()));
    }

    @AfterEach
    void nothingLeaks() {
        allocator.assertNoLeaks();
    }

    private static final class Reader extends BaseSubscriber<io.netty.buffer.ByteBuf> {

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        protected void hookOnNext(io.netty.buffer.ByteBuf value) {
            value.release();
        }

        @Override
        protected void hookOnError(Throwable error) {
            assertThat(error).isInstanceOf(IllegalStateException.class);
        }
    }

    private ScriptedBody reply(int call) {
        return next.calls().get(call).reply(200, Fields.empty());
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void isHeldToTheLastByteAndTrailer(Subject subject) {
        Held caller = Held.call(subject.stage.wrap(next));
        assertThat(subject.taken.getAsInt()).as("before the head").isEqualTo(1);
        ScriptedBody body = reply(0);
        assertThat(subject.taken.getAsInt()).as("after the head").isEqualTo(1);
        Reader reader = new Reader();
        caller.reply.body().subscribe(reader);
        body.emit(allocator.utf8("all of it"));
        assertThat(subject.taken.getAsInt()).as("before the end").isEqualTo(1);
        body.complete(Fields.of("x-sum", "1"));
        assertThat(subject.taken.getAsInt()).as("after the end").isZero();
        reader.cancel();
        caller.cancel();
        caller.reply.discard();

        assertThat(subject.taken.getAsInt()).as("after a late cancel").isZero();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void comesBackWhenTheCallIsCancelledBeforeTheHead(Subject subject) {
        Held other = Held.call(subject.stage.wrap(next));
        Held caller = Held.call(subject.stage.wrap(next));
        caller.cancel();
        caller.cancel();
        assertThat(subject.taken.getAsInt()).isEqualTo(1);
        next.calls().get(1).reply(HttpReply.of(204)); // crosses the cancel

        assertThat(subject.taken.getAsInt()).isEqualTo(1);
        other.cancel();
        assertThat(subject.taken.getAsInt()).isZero();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void comesBackWhenTheReplyIsDiscarded(Subject subject) {
        Held caller = Held.call(subject.stage.wrap(next));
        reply(0).emit(allocator.utf8("unread"));
        caller.reply.discard();
        caller.reply.discard();

        assertThat(subject.taken.getAsInt()).isZero();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void comesBackWhenTheBodyIsCancelled(Subject subject) {
        Held caller = Held.call(subject.stage.wrap(next));
        ScriptedBody body = reply(0);
        Reader reader = new Reader();
        caller.reply.body().subscribe(reader);
        body.emit(allocator.utf8("some"));
        reader.cancel();
        reader.cancel();

        assertThat(body.cancels()).isEqualTo(1);
        assertThat(subject.taken.getAsInt()).isZero();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void comesBackWhenTheCallOrItsBodyFails(Subject subject) {
        Service<HttpExchange, HttpReply> service = subject.stage.wrap(next);
        Held failed = Held.call(service);
        next.calls().get(0).fail(new IllegalStateException("made by the test"));
        assertThat(failed.error).isNotNull();
        assertThat(subject.taken.getAsInt()).isZero();
        Held caller = Held.call(service);
        ScriptedBody body = reply(1);
        caller.reply.body().subscribe(new Reader());
        assertThat(subject.taken.getAsInt()).isEqualTo(1);
        body.fail(new IllegalStateException("made by the test"));

        assertThat(subject.taken.getAsInt()).isZero();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void comesBackWhenTheServiceThrows(Subject subject) {
        Service<HttpExchange, HttpReply> service = subject.stage.wrap(exchange -> {
            throw new IllegalStateException("made by the test");
        });

        assertThatThrownBy(() -> service.call(TestExchange.get("/")).block()).isInstanceOf(IllegalStateException.class);
        assertThat(subject.taken.getAsInt()).isZero();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void refusesTheFourthCallWithoutWork(Subject subject) {
        Service<HttpExchange, HttpReply> service = subject.stage.wrap(next);
        for (int i = 0; i < 3; i++) {
            Held.call(service);
        }
        Held fourth = Held.call(service);
        if (fourth.error == null) {
            fourth.cancel(); // it waits
        } else {
            assertThat(fourth.error).isInstanceOf(OverloadedException.class);
            assertThat(fourth.error.getStackTrace()).isEmpty();
        }

        assertThat(next.calls()).hasSize(3);
        assertThat(subject.taken.getAsInt()).isEqualTo(3);
        next.calls().forEach(call -> call.reply(HttpReply.of(204)));
        assertThat(subject.taken.getAsInt()).isZero();
    }

    private enum End {
        BEFORE_HEAD,
        AFTER_HEAD,
        IN_THE_BODY,
        AFTER_THE_END
    }

    @ParameterizedTest
    @EnumSource
    void comesBackHoweverACallEndsThatHasWaited(End end) {
        ConcurrencyLimit limit = ConcurrencyLimit.of(1).withQueue(1, Duration.ofSeconds(10));
        Service<HttpExchange, HttpReply> service = limit.wrap(next);
        Held.call(service);
        Held waited = Held.call(service);
        next.calls().get(0).reply(HttpReply.of(204));
        assertThat(limit.stats().active()).isEqualTo(1);
        Reader reader = new Reader();
        if (end != End.BEFORE_HEAD) {
            ScriptedBody body = reply(1).emit(allocator.utf8("some"));
            if (end != End.AFTER_HEAD) {
                waited.reply.body().subscribe(reader);
            }
            if (end == End.AFTER_THE_END) {
                body.complete();
            }
            assertThat(limit.stats().active()).isEqualTo(end == End.AFTER_THE_END ? 0 : 1);
        }
        waited.cancel();
        reader.cancel();
        if (waited.reply != null) {
            waited.reply.discard();
        }

        assertThat(limit.stats()).isEqualTo(new ConcurrencyStats(1, 0, 0, 0, 0));
        assertThat(next.calls().get(1).cancels()).isEqualTo(end == End.BEFORE_HEAD ? 1 : 0);
    }
}
