package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/** Watches all exchanges of a gateway and knows how each one ended. */
final class Outcomes implements ExchangeObserver.Factory {

    final List<Seen> exchanges = new CopyOnWriteArrayList<>();

    /** What was told of one exchange. */
    static final class Seen implements ExchangeObserver {

        final HttpExchange exchange;
        final List<String> events = new CopyOnWriteArrayList<>();
        final List<Outcome> ends = new CopyOnWriteArrayList<>();
        final AtomicLong requestBytes = new AtomicLong();
        final AtomicLong replyBytes = new AtomicLong();
        volatile Fields trailers = Fields.empty();
        volatile Throwable cause;

        Seen(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void onRequestData(int bytes) {
            inTime(bytes > 0);
            requestBytes.addAndGet(bytes);
        }

        @Override
        public void onRequestEnd() {
            events.add("requestEnd");
        }

        @Override
        public void onReplyHead(ReplyHead head) {
            events.add("replyHead " + head.status());
        }

        @Override
        public void onReplyData(int bytes) {
            inTime(bytes > 0 && events.stream().anyMatch(event -> event.startsWith("replyHead")));
            replyBytes.addAndGet(bytes);
        }

        @Override
        public void onReplyTrailers(Fields fields) {
            inTime(!fields.isEmpty());
            trailers = fields;
            events.add("trailers");
        }

        private void inTime(boolean so) {
            if (!so || !ends.isEmpty()) {
                events.add("out of time"); // which no test expects
            }
        }

        @Override
        public void onEnd(Outcome outcome, Throwable why) {
            cause = why;
            events.add("end " + outcome);
            ends.add(outcome);
        }

        @Override
        public String toString() {
            return exchange + " " + events + " " + cause;
        }
    }

    @Override
    public ExchangeObserver observe(HttpExchange exchange) {
        Seen seen = new Seen(exchange);
        exchanges.add(seen);
        return seen;
    }

    /** Waits until so many exchanges have ended and tells how, in the order in which they began. */
    List<Outcome> await(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> {
                    assertThat(exchanges).hasSize(count);
                    assertThat(exchanges).allMatch(seen -> !seen.ends.isEmpty());
                });
        return exchanges.stream().map(seen -> seen.ends.get(0)).toList();
    }

    /** What was told of the one exchange, when it is over. */
    Seen only() {
        await(1);
        return exchanges.get(0);
    }

    void assertOneEndEach() {
        assertThat(exchanges).allSatisfy(seen -> {
            assertThat(seen.ends).as("ends of %s", seen).hasSize(1);
            assertThat(seen.events.get(seen.events.size() - 1)).startsWith("end ");
            assertThat(seen.events).doesNotHaveDuplicates().doesNotContain("out of time");
        });
    }
}
