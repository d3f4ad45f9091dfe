package io.headgate.samples;

import io.headgate.classify.Classifier;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What became of calls, and how long they took to the head of the reply. Any thread. */
final class CallFigures {

    private final LongAdder calls = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final Latencies latencies = new Latencies();

    /** For a call that begins. */
    CallWatch watch(HttpExchange exchange) {
        calls.increment();
        return new Watch(exchange);
    }

    long calls() {
        return calls.sum();
    }

    /** Calls that the classifier of their route calls failures; who leaves is none. */
    long failures() {
        return failures.sum();
    }

    Latencies latencies() {
        return latencies;
    }

    private final class Watch implements CallWatch {

        private final HttpExchange exchange;
        private final Classifier classifier;
        private final long start = System.nanoTime();
        private @Nullable ReplyHead reply;

        Watch(HttpExchange exchange) {
            this.exchange = exchange;
            this.classifier = Classifier.of(exchange);
        }

        @Override
        public void onReply(ReplyHead head) {
            reply = head;
            latencies.add(System.nanoTime() - start);
        }

        @Override
        public void onComplete(Fields trailers) {
            ReplyHead head = reply;
            if (head != null
                    && classifier.atEnd(exchange.head(), head, trailers).isFailure()) {
                failures.increment();
            }
        }

        @Override
        public void onFailure(Throwable cause) {
            if (classifier.ofFailure(cause).isFailure()) {
                failures.increment();
            }
        }

        @Override
        public void onCancel() {}
    }
}
