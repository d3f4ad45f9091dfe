package io.headgate.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

class MirrorTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedService next = ScriptedService.create();
    private final ScriptedService shadow = ScriptedService.create();
    private final Mirror mirror = Mirror.to(shadow).withMethods("GET", "POST");
    private VirtualClock clock;

    @BeforeEach
    void stopTime() {
        clock = VirtualClock.install();
    }

    @AfterEach
    void nothingIsLeft() {
        try {
            assertThat(clock.pending()).as("timers").isZero();
            allocator.assertNoLeaks();
        } finally {
            clock.close();
        }
    }

    @Test
    void sendsACopyAndDropsTheAnswer() {
        HttpExchange exchange = TestExchange.get("/a?b");
        List<HttpReply> replies = call(mirror, exchange);

        assertThat(next.onlyCall().exchange())
                .as("without a body it is untouched")
                .isSameAs(exchange);
        HttpExchange copy = shadow.onlyCall().exchange();
        assertThat(copy.head()).isEqualTo(exchange.head());
        assertThat(copy.deadline().isNone()).isFalse();
        ScriptedBody answer = shadow.onlyCall().reply(200, Fields.empty());
        answer.emit(allocator.utf8("dropped")).complete();
        assertThat(replies).isEmpty();
        next.onlyCall().reply(HttpReply.of(204));

        assertThat(replies).extracting(HttpReply::status).containsExactly(204);
        assertThat(answer.end()).as("read, so that its connection is of use").isEqualTo(ScriptedBody.End.COMPLETED);
        assertThat(mirror.stats()).isEqualTo(new MirrorStats(0, 0, 1, 1, 0, 0, 0));
    }

    @Test
    void aFailingMirrorHurtsNobody() {
        List<HttpReply> replies = call(mirror, TestExchange.get("/"));
        shadow.onlyCall().fail(new IllegalStateException("made by the test"));
        next.onlyCall().reply(HttpReply.of(204));

        assertThat(replies).hasSize(1);
        assertThat(mirror.stats()).isEqualTo(new MirrorStats(0, 0, 1, 0, 1, 0, 0));
    }

    @Test
    void aMirrorThatThrowsHurtsNobody() {
        Mirror throwing = Mirror.to(exchange -> {
            throw new IllegalStateException("made by the test");
        });
        List<HttpReply> replies = call(throwing, TestExchange.get("/"));
        next.onlyCall().reply(HttpReply.of(204));

        assertThat(replies).hasSize(1);
        assertThat(throwing.stats().failed()).isEqualTo(1);
    }

    @Test
    void picksMethodsAndAShare() {
        double[] dice = {0.09, 0.1, 0.5, 0.0};
        int[] rolls = {0};
        Mirror some = Mirror.to(shadow).withShare(0.1).withDice(() -> dice[rolls[0]++]);
        for (int i = 0; i < dice.length; i++) {
            call(some, TestExchange.get("/"));
        }
        HttpExchange post = TestExchange.post("/", Body.empty());
        call(some, post);

        assertThat(shadow.calls()).hasSize(2);
        assertThat(rolls[0]).as("no dice for other methods").isEqualTo(4);
        assertThat(next.calls().get(4).exchange()).isSameAs(post);
        finish();
    }

    @Test
    void tunnelsAreNotMirrored() {
        HttpExchange exchange =
                HttpExchange.of(RequestHead.of("GET", "a", "/").withUpgrade("websocket"), ScriptedBody.create());
        call(mirror, exchange);

        assertThat(shadow.calls()).isEmpty();
        assertThat(next.onlyCall().exchange()).isSameAs(exchange);
    }

    @Test
    void withoutAShareItIsNotThere() {
        assertThat(mirror.withShare(0).wrap(next)).isSameAs(next);
        assertThat(mirror.withMethods().wrap(next)).isSameAs(next);
    }

    @Test
    void isBoundedInHowManyAreUnderWay() {
        Mirror narrow = mirror.withConcurrency(1);
        call(narrow, TestExchange.get("/1"));
        HttpExchange second = TestExchange.post("/2", Body.of(allocator.utf8("body")));
        call(narrow, second);

        assertThat(next.calls().get(1).exchange())
                .as("what is skipped is untouched")
                .isSameAs(second);
        assertThat(narrow.stats()).isEqualTo(new MirrorStats(1, 1, 1, 0, 0, 0, 0));
        shadow.onlyCall().reply(HttpReply.of(204));
        call(narrow, TestExchange.get("/3"));
        assertThat(shadow.calls()).hasSize(2);
        finish();
    }

    @Test
    void aMirrorThatTakesTooLongIsGivenUp() {
        call(mirror.withLimit(Duration.ofSeconds(2)), TestExchange.get("/1"));
        Mirror patient = mirror.withLimit(Duration.ofSeconds(2));
        call(patient, TestExchange.get("/2"));
        ScriptedBody endless = shadow.calls().get(1).reply(200, Fields.empty());
        clock.advance(Duration.ofSeconds(2));

        assertThat(shadow.calls().get(0).cancels()).isEqualTo(1);
        assertThat(endless.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        assertThat(patient.stats()).isEqualTo(new MirrorStats(0, 0, 1, 0, 0, 0, 1));
        next.calls().forEach(call -> assertThat(call.isInFlight()).isTrue());
        finish();
    }

    @Test
    void aReplyThatComesTooLateIsDiscarded() {
        call(mirror, TestExchange.get("/"));
        clock.advance(Mirror.DEFAULT_LIMIT);
        ScriptedBody late = shadow.onlyCall().reply(200, Fields.empty());

        assertThat(late.end()).isEqualTo(ScriptedBody.End.DISCARDED);
        finish();
    }

    @Test
    void theBodyIsShownToTheMirrorAsTheMainPathReadsIt() {
        ScriptedBody source = ScriptedBody.create();
        call(mirror, TestExchange.post("/", source));
        Reader shown = Reader.of(shadow.onlyCall().exchange().body());
        shown.request(Long.MAX_VALUE);
        source.emit(allocator.utf8("a")).emit(allocator.utf8("b"));
        assertThat(source.subscriptions()).as("the mirror asks for nothing").isZero();

        Reader main = Reader.of(next.onlyCall().exchange().body());
        main.request(1);
        assertThat(source.requested()).isEqualTo(1);
        assertThat(main.texts).containsExactly("a");
        assertThat(shown.texts).containsExactly("a");
        main.request(Long.MAX_VALUE);
        source.complete(Fields.of("x-sum", "1"));

        assertThat(shown.texts).containsExactly("a", "b");
        assertThat(shown.completed).isTrue();
        assertThat(main.completed).isTrue();
        assertThat(shadow.onlyCall().exchange().body().trailers().block()).isEqualTo(Fields.of("x-sum", "1"));
        assertThat(next.onlyCall().exchange().body().trailers().block()).isEqualTo(Fields.of("x-sum", "1"));
        finish();
    }

    @Test
    void keepsTheLengthOfTheBody() {
        call(mirror, TestExchange.post("/", Body.of(allocator.utf8("12345"))));

        assertThat(next.onlyCall().exchange().body().length()).isEqualTo(5);
        assertThat(shadow.onlyCall().exchange().body().length()).isEqualTo(5);
        finish();
    }

    @Test
    void aMirrorThatFallsBehindIsCutAndTheMainPathGoesOn() {
        Mirror tight = mirror.withBody(1000);
        ScriptedBody source = ScriptedBody.create();
        List<HttpReply> replies = call(tight, TestExchange.post("/", source));
        Reader slow = Reader.of(shadow.onlyCall().exchange().body());
        slow.request(1);
        Reader main = Reader.of(next.onlyCall().exchange().body());
        main.request(Long.MAX_VALUE);
        for (int i = 0; i < 10; i++) {
            source.emit(allocator.utf8("x".repeat(300)));
        }
        source.complete();
        shadow.onlyCall().fail(slow.error);

        assertThat(slow.texts).hasSize(1);
        assertThat(slow.error).isInstanceOf(MirrorCutException.class);
        assertThat(main.texts).hasSize(10);
        assertThat(main.completed).isTrue();
        next.onlyCall().reply(HttpReply.of(204));
        assertThat(replies).hasSize(1);
        assertThat(tight.stats()).isEqualTo(new MirrorStats(0, 0, 1, 0, 0, 1, 0));
    }

    @Test
    void manyShortChunksCountForMoreThanTheyAre() {
        ScriptedBody source = ScriptedBody.create();
        call(mirror.withBody(1024), TestExchange.post("/", source));
        Reader slow = Reader.of(shadow.onlyCall().exchange().body());
        Reader main = Reader.of(next.onlyCall().exchange().body());
        main.request(Long.MAX_VALUE);
        for (int i = 0; i < 5; i++) {
            assertThat(slow.error).isNull();
            source.emit(allocator.utf8("x"));
        }

        assertThat(slow.error).isInstanceOf(MirrorCutException.class);
        main.cancel();
        finish();
    }

    @Test
    void aMirrorThatIsOverTakesNoMoreOfTheBody() {
        ScriptedBody source = ScriptedBody.create();
        call(mirror, TestExchange.post("/", source));
        shadow.onlyCall().reply(HttpReply.of(204));
        Reader main = Reader.of(next.onlyCall().exchange().body());
        main.request(Long.MAX_VALUE);
        ByteBuf chunk = allocator.utf8("a");
        source.emit(chunk);

        assertThat(chunk.refCnt()).isZero();
        source.complete();
        assertThat(main.completed).isTrue();
        finish();
    }

    @Test
    void theMirrorEndsWhenTheClientGoesAwayInItsBody() {
        ScriptedBody source = ScriptedBody.create();
        call(mirror, TestExchange.post("/", source));
        Reader shown = Reader.of(shadow.onlyCall().exchange().body());
        Reader main = Reader.of(next.onlyCall().exchange().body());
        main.request(1);
        source.emit(allocator.utf8("a"));
        main.cancel();

        assertThat(source.cancels()).isEqualTo(1);
        assertThat(shown.error).isInstanceOf(CancellationException.class);
        shadow.onlyCall().fail(shown.error);
        assertThat(mirror.stats().failed()).isEqualTo(1);
        finish();
    }

    @Test
    void anErrorOfTheBodyReachesBoth() {
        IllegalStateException failure = new IllegalStateException("made by the test");
        ScriptedBody source = ScriptedBody.create();
        call(mirror, TestExchange.post("/", source));
        Reader shown = Reader.of(shadow.onlyCall().exchange().body());
        Reader main = Reader.of(next.onlyCall().exchange().body());
        main.request(1);
        source.fail(failure);

        assertThat(main.error).isSameAs(failure);
        assertThat(shown.error).isSameAs(failure);
        finish();
    }

    @Test
    void aBodyThatNobodyReadsIsDiscarded() {
        ScriptedBody source = ScriptedBody.create();
        source.emit(allocator.utf8("unread"));
        call(mirror, TestExchange.post("/", source));
        Reader shown = Reader.of(shadow.onlyCall().exchange().body());
        next.onlyCall().exchange().body().discard();

        assertThat(source.end()).isEqualTo(ScriptedBody.End.DISCARDED);
        assertThat(shown.error).isInstanceOf(CancellationException.class);
        finish();
    }

    @Test
    void doesNotPassExpectations() {
        HttpExchange exchange = HttpExchange.of(
                RequestHead.of("GET", "a", "/").withFields(Fields.of("expect", "100-continue")), Body.empty());
        call(mirror, exchange);

        assertThat(shadow.onlyCall().exchange().head().fields()).isEqualTo(Fields.empty());
        assertThat(next.onlyCall().exchange()).isSameAs(exchange);
        finish();
    }

    @Test
    void refusesBoundsThatAreNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> mirror.withShare(1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> mirror.withShare(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> mirror.withBody(0));
        assertThatIllegalArgumentException().isThrownBy(() -> mirror.withConcurrency(0));
        assertThatIllegalArgumentException().isThrownBy(() -> mirror.withLimit(Duration.ZERO));
    }

    private List<HttpReply> call(Mirror stage, HttpExchange exchange) {
        List<HttpReply> replies = new ArrayList<>();
        stage.wrap(next).call(exchange).subscribe(replies::add);
        return replies;
    }

    /** Ends what is under way, as the upstreams of a real gateway would. */
    private void finish() {
        next.calls().stream().filter(ScriptedService.Call::isInFlight).forEach(call -> call.reply(HttpReply.of(204)));
        shadow.calls().stream().filter(ScriptedService.Call::isInFlight).forEach(call -> call.reply(HttpReply.of(204)));
    }

    /** Reads a body by hand. */
    private static final class Reader extends BaseSubscriber<ByteBuf> {

        final List<String> texts = new ArrayList<>();
        Throwable error;
        boolean completed;

        static Reader of(Body body) {
            Reader reader = new Reader();
            body.subscribe(reader);
            return reader;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // asks when told to
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            texts.add(buffer.toString(StandardCharsets.UTF_8));
            buffer.release();
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }
    }
}
