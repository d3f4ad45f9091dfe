package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Counts how exchanges end, and remembers those that ended twice. */
final class Outcomes implements ExchangeObserver.Factory {

    private final AtomicInteger observed = new AtomicInteger();
    private final Map<Outcome, AtomicInteger> ends = new ConcurrentHashMap<>();
    private final Queue<String> twice = new ConcurrentLinkedQueue<>();

    @Override
    public ExchangeObserver observe(HttpExchange exchange) {
        observed.incrementAndGet();
        String name = exchange.connection().version() + " " + exchange;
        AtomicReference<Outcome> first = new AtomicReference<>();
        return new ExchangeObserver() {
            @Override
            public void onEnd(Outcome outcome, @Nullable Throwable cause) {
                if (first.compareAndSet(null, outcome)) {
                    ends.computeIfAbsent(outcome, any -> new AtomicInteger()).incrementAndGet();
                } else {
                    twice.add(name + ": " + first.get() + ", then " + outcome);
                }
            }
        };
    }

    int observed() {
        return observed.get();
    }

    int of(Outcome outcome) {
        AtomicInteger count = ends.get(outcome);
        return count == null ? 0 : count.get();
    }

    void assertOneForEachExchange() {
        assertThat(twice).as("exchanges that ended twice").isEmpty();
        assertThat(ends.values().stream().mapToInt(AtomicInteger::get).sum())
                .as("sum of %s", ends)
                .isEqualTo(observed());
    }

    @Override
    public String toString() {
        return observed + " exchanges, " + ends;
    }
}
