package io.headgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Key;
import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.ExchangeObserver.Factory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Notes, records, verdicts, and two observers as one. */
class ObservationTest {

    private static final Key<String> COLOUR = Key.of("colour");
    private static final ReplyHead OK = new ReplyHead(200, Fields.empty());

    private static HttpExchange observed() {
        HttpExchange plain = plain();
        return new HttpExchange(
                plain.head(),
                plain.body(),
                plain.connection(),
                plain.deadline(),
                ExchangeNotes.attributes(),
                plain.interim());
    }

    private static HttpExchange plain() {
        return HttpExchange.of(RequestHead.of("GET", "test.example", "/"), Body.empty());
    }

    /** Writes down what it is told. */
    private record Scribe(String name, List<String> said) implements ExchangeObserver {

        @Override
        public void onRequestData(int bytes) {
            said.add(name + " request " + bytes);
        }

        @Override
        public void onRequestEnd() {
            said.add(name + " request end");
        }

        @Override
        public void onReplyHead(ReplyHead head) {
            said.add(name + " head");
        }

        @Override
        public void onReplyData(int bytes) {
            said.add(name + " reply " + bytes);
        }

        @Override
        public void onReplyTrailers(Fields trailers) {
            said.add(name + " trailers");
        }

        @Override
        public void onEnd(Outcome outcome, Throwable cause) {
            said.add(name + " end");
        }
    }

    /** Throws whatever it is told. */
    private static final class Broken implements ExchangeObserver {

        private static IllegalStateException failure() {
            return new IllegalStateException("on purpose");
        }

        @Override
        public void onRequestData(int bytes) {
            throw failure();
        }

        @Override
        public void onRequestEnd() {
            throw failure();
        }

        @Override
        public void onReplyHead(ReplyHead head) {
            throw failure();
        }

        @Override
        public void onReplyData(int bytes) {
            throw failure();
        }

        @Override
        public void onReplyTrailers(Fields trailers) {
            throw failure();
        }

        @Override
        public void onEnd(Outcome outcome, Throwable cause) {
            throw failure();
        }
    }

    private static List<Runnable> wholeStory(ExchangeObserver observer) {
        return List.of(
                () -> observer.onRequestData(3),
                observer::onRequestEnd,
                () -> observer.onReplyHead(OK),
                () -> observer.onReplyData(4),
                () -> observer.onReplyTrailers(Fields.of("x", "y")),
                () -> observer.onEnd(Outcome.COMPLETE, null));
    }

    private static final List<String> WHOLE_STORY =
            List.of("a request 3", "a request end", "a head", "a reply 4", "a trailers", "a end");

    // ---- two as one

    @Test
    void bothAreToldInOrder() {
        List<String> said = new ArrayList<>();
        Factory both = ((Factory) exchange -> new Scribe("a", said)).and(exchange -> new Scribe("b", said));
        wholeStory(both.observe(plain())).forEach(Runnable::run);
        assertThat(said)
                .containsExactly(
                        "a request 3",
                        "b request 3",
                        "a request end",
                        "b request end",
                        "a head",
                        "b head",
                        "a reply 4",
                        "b reply 4",
                        "a trailers",
                        "b trailers",
                        "a end",
                        "b end");
    }

    @Test
    void whoWantsToKnowNothingCostsNothing() {
        Factory one = exchange -> new Scribe("a", new ArrayList<>());
        assertThat(Factory.NONE.and(one)).isSameAs(one);
        assertThat(one.and(Factory.NONE)).isSameAs(one);
        Factory nobody = exchange -> null;
        assertThat(nobody.and(nobody).observe(plain())).isNull();
        assertThat(one.and(nobody).observe(plain())).isInstanceOf(Scribe.class);
        assertThat(nobody.and(one).observe(plain())).isInstanceOf(Scribe.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneThatThrowsKeepsNothingFromTheOther(boolean first) {
        List<String> said = new ArrayList<>();
        Factory scribe = exchange -> new Scribe("a", said);
        Factory broken = exchange -> new Broken();
        ExchangeObserver both = (first ? broken.and(scribe) : scribe.and(broken)).observe(plain());
        for (Runnable event : wholeStory(both)) {
            assertThatThrownBy(event::run).isInstanceOf(IllegalStateException.class);
        }
        assertThat(said).isEqualTo(WHOLE_STORY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFactoryThatThrowsIsToldAtTheEndAndKeepsNothingFromTheOther(boolean first) {
        List<String> said = new ArrayList<>();
        IllegalStateException failure = new IllegalStateException("on purpose");
        Factory scribe = exchange -> new Scribe("a", said);
        Factory broken = exchange -> {
            throw failure;
        };
        ExchangeObserver both = (first ? broken.and(scribe) : scribe.and(broken)).observe(plain());
        List<Runnable> story = wholeStory(both);
        story.subList(0, 5).forEach(Runnable::run);
        assertThatThrownBy(story.get(5)::run).isSameAs(failure);
        assertThat(said).isEqualTo(WHOLE_STORY);
    }

    // ---- notes

    @Test
    void notesComeUpFromCopiesAndTheLastOneCounts() {
        HttpExchange exchange = observed();
        assertThat(ExchangeNotes.of(exchange, COLOUR)).isNull();
        HttpExchange copy = exchange.withAttribute(Key.of("other"), "x").withBody(Body.empty());
        ExchangeNotes.note(copy, COLOUR, "red");
        ExchangeNotes.note(copy, COLOUR, "green");
        ExchangeNotes.note(copy, COLOUR, "green");
        assertThat(ExchangeNotes.of(exchange, COLOUR)).isEqualTo("green");
        assertThat(ExchangeNotes.of(observed(), COLOUR)).isNull();
    }

    @Test
    void anExchangeThatNobodyObservesHasNoNotes() {
        HttpExchange exchange = plain();
        ExchangeNotes.note(exchange, COLOUR, "red");
        assertThat(ExchangeNotes.of(exchange, COLOUR)).isNull();
    }

    @Test
    void noNoteIsLostWhenManyThreadsNote() throws Exception {
        HttpExchange exchange = observed();
        List<Key<Integer>> keys =
                IntStream.range(0, 8).mapToObj(i -> Key.<Integer>of("k" + i)).toList();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (Key<Integer> key : keys) {
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                for (int i = 0; i <= 500; i++) {
                    ExchangeNotes.note(exchange, key, i);
                }
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(keys)
                .allSatisfy(key -> assertThat(ExchangeNotes.of(exchange, key)).isEqualTo(500));
    }

    // ---- records

    private static ExchangeRecord record(HttpExchange exchange, AtomicLong nanos, Consumed consumed) {
        return (ExchangeRecord) ExchangeRecord.to(consumed::add, nanos::get, () -> 1_700_000_000_123L)
                .observe(exchange);
    }

    /** The one record that was consumed. */
    private static final class Consumed {
        private final List<ExchangeRecord> records = new ArrayList<>();

        void add(ExchangeRecord record) {
            records.add(record);
        }

        ExchangeRecord only() {
            assertThat(records).hasSize(1);
            return records.get(0);
        }
    }

    @Test
    void aRecordTellsTheWholeStoryOnceAtTheEnd() {
        AtomicLong nanos = new AtomicLong(5);
        Consumed consumed = new Consumed();
        HttpExchange exchange = observed();
        ExchangeRecord observer = record(exchange, nanos, consumed);
        observer.onRequestData(10);
        observer.onRequestData(20);
        observer.onRequestEnd();
        ExchangeNotes.note(exchange, COLOUR, "red");
        nanos.set(105);
        observer.onReplyHead(OK);
        observer.onReplyData(7);
        observer.onReplyTrailers(Fields.of("x", "y"));
        nanos.set(1005);
        assertThat(consumed.records).isEmpty();
        observer.onEnd(Outcome.COMPLETE, null);
        ExchangeRecord record = consumed.only();
        assertThat(record.requestBytes()).isEqualTo(30);
        assertThat(record.isRequestWhole()).isTrue();
        assertThat(record.reply()).isSameAs(OK);
        assertThat(record.replyBytes()).isEqualTo(7);
        assertThat(record.trailers()).isEqualTo(Fields.of("x", "y"));
        assertThat(record.headAfterNanos()).isEqualTo(100);
        assertThat(record.durationNanos()).isEqualTo(1000);
        assertThat(record.startMillis()).isEqualTo(1_700_000_000_123L);
        assertThat(record.outcome()).isEqualTo(Outcome.COMPLETE);
        assertThat(record.cause()).isNull();
        assertThat(record.note(COLOUR)).isEqualTo("red");
        assertThat(record.exchange().head()).isSameAs(exchange.head());
    }

    @Test
    void aRecordOfAnExchangeWithoutReplySaysSo() {
        Consumed consumed = new Consumed();
        record(plain(), new AtomicLong(), consumed).onEnd(Outcome.CANCELLED, new TimeoutException());
        assertThat(consumed.only().reply()).isNull();
        assertThat(consumed.only().headAfterNanos()).isEqualTo(-1);
        assertThat(consumed.only().trailers().isEmpty()).isTrue();
        assertThat(consumed.only().isRequestWhole()).isFalse();
    }

    @Test
    void aRecordHoldsNeitherTheBodyNorWhoTakesInterimReplies() {
        Body body = Body.of(reactor.core.publisher.Flux.empty());
        HttpExchange exchange = observed().withBody(body).withInterim(head -> {
            throw new IllegalStateException("on purpose");
        });
        Consumed consumed = new Consumed();
        record(exchange, new AtomicLong(), consumed).onEnd(Outcome.COMPLETE, null);
        assertThat(consumed.only().exchange().body().isEmpty()).isTrue();
        consumed.only().exchange().interim().accept(ReplyHead.CONTINUE);
        assertThat(consumed.only().exchange().connection()).isSameAs(exchange.connection());
    }

    // ---- verdicts

    private static ExchangeRecord ended(HttpExchange exchange, ReplyHead reply, Outcome outcome, Throwable cause) {
        Consumed consumed = new Consumed();
        ExchangeRecord record = record(exchange, new AtomicLong(), consumed);
        if (reply != null) {
            record.onReplyHead(reply);
        }
        record.onEnd(outcome, cause);
        return consumed.only();
    }

    @Test
    void aRecordIsJudgedByHowItEnded() {
        ReplyHead bad = new ReplyHead(503, Fields.empty());
        RefusedException notFound = new RefusedException(404, "route: none (expected: one)");
        assertThat(Classifier.judge(ended(plain(), OK, Outcome.COMPLETE, null)).isSuccess())
                .isTrue();
        assertThat(Classifier.judge(ended(plain(), bad, Outcome.COMPLETE, null)).isFailure())
                .isTrue();
        assertThat(Classifier.judge(ended(plain(), null, Outcome.COMPLETE, null)))
                .isSameAs(Classification.FAILURE);
        assertThat(Classifier.judge(ended(plain(), OK, Outcome.FAILED, new TimeoutException()))
                        .error())
                .isEqualTo("timeout");
        assertThat(Classifier.judge(ended(plain(), null, Outcome.CANCELLED, new TimeoutException()))
                        .error())
                .isEqualTo("cancelled");
        assertThat(Classifier.judge(ended(plain(), bad, Outcome.CANCELLED, new TimeoutException()))
                        .isFailure())
                .isTrue();
        // what the gateway answers itself is judged by why: a 404 of a route table is the client's own fault
        assertThat(Classifier.judge(ended(plain(), new ReplyHead(404, Fields.empty()), Outcome.REJECTED, notFound))
                        .isSuccess())
                .isTrue();
    }

    @Test
    void theClassifierThatARouteHasNotedJudges() {
        HttpExchange exchange = observed();
        ExchangeNotes.note(exchange, Classifier.KEY, new Classifier() {
            @Override
            public Classification atHead(RequestHead request, ReplyHead reply) {
                return Classification.FAILURE;
            }

            @Override
            public Classification atEnd(RequestHead request, ReplyHead reply, Fields trailers) {
                return Classification.FAILURE;
            }
        });
        assertThat(Classifier.judge(ended(exchange, OK, Outcome.COMPLETE, null)).isFailure())
                .isTrue();
    }
}
