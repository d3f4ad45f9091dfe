package io.headgate.accesslog;

import io.headgate.classify.Classifier;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.HttpExchange;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Writes a line for each exchange when it is over. An event stream: when its {@link AccessSink} is slower than the exchanges, lines
 * are dropped and counted, and the count becomes a line itself behind those that waited.
 *
 * <pre>{@code
 * AccessLog log = AccessLog.start(AccessLogSpec.DEFAULTS.withFormat(AccessFormat.combined()));
 * Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withObservers(log));
 * ...
 * gateway.closeAsync().then(log.closeAsync())
 * }</pre>
 *
 * <p>It may also be one of several consumers of the same {@linkplain ExchangeRecord#to record}.
 *
 * <p><b>Threading.</b> An event loop looks at the filter and puts the record into a queue that has no locks; formatting and writing are
 * done elsewhere, on one thread at a time. Lines of one connection come in the order in which its exchanges ended.
 *
 * <p><b>Lifetime.</b> Close the log after the gateway. What ends after that is dropped and counted.
 */
public final class AccessLog implements ExchangeObserver.Factory, Consumer<ExchangeRecord>, AutoCloseable {

    private final AccessSink sink;
    private final Predicate<? super ExchangeRecord> filter;
    private final Duration grace;
    private final RecordQueue queue;
    private final LinePrinter printer;
    private final AtomicLong dropped = new AtomicLong();
    private final ExchangeObserver.Factory records = ExchangeRecord.to(this);

    private AccessLog(AccessLogSpec spec) {
        sink = spec.sink();
        filter = spec.filter();
        grace = spec.grace();
        queue = new RecordQueue(spec.capacity());
        printer = new LinePrinter(queue, spec, this::dropped);
    }

    /**
     * Starts a log of JSON lines to the logger {@value AccessSink#LOGGER}.
     *
     * @return the log, running
     */
    public static AccessLog start() {
        return start(AccessLogSpec.DEFAULTS);
    }

    /**
     * Starts a log.
     *
     * @param spec what it writes, and where to
     * @return the log, running
     */
    public static AccessLog start(AccessLogSpec spec) {
        return new AccessLog(Objects.requireNonNull(spec, "spec"));
    }

    // ---- what to log

    /**
     * For a filter: exchanges that failed, as their {@linkplain Classifier#judge classifier} has it.
     *
     * @return {@code failures().or(share(0.01))} logs all failures and one of a hundred others
     */
    public static Predicate<ExchangeRecord> failures() {
        return exchange -> Classifier.judge(exchange).isFailure();
    }

    /**
     * For a filter: a share of all exchanges, each picked by chance alone.
     *
     * @param share from 0 to 1
     * @return the filter
     */
    public static Predicate<ExchangeRecord> share(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
        }
        return exchange -> ThreadLocalRandom.current().nextDouble() < share;
    }

    // ---- on event loops

    /** Observes an exchange to its end, unless the sink {@linkplain AccessSink#isOn is off}. */
    @Override
    public @Nullable ExchangeObserver observe(HttpExchange exchange) {
        return sink.isOn() ? records.observe(exchange) : null;
    }

    /**
     * Takes an exchange that is over. Does not block.
     *
     * @param exchange kept until its line is written
     */
    @Override
    public void accept(ExchangeRecord exchange) {
        if (!sink.isOn() || !filter.test(exchange)) {
            return;
        }
        if (queue.offer(exchange)) {
            printer.wake();
        } else {
            dropped.incrementAndGet();
        }
    }

    // ---- figures

    /**
     * The lines that were dropped because too many waited, or because the log was closed.
     *
     * @return a number that only grows
     */
    public long dropped() {
        return dropped.get() + (printer.isAbandoned() ? queue.size() : 0);
    }

    /**
     * What the log has done.
     *
     * @return a snapshot
     */
    public AccessLogStats stats() {
        int waiting = printer.isAbandoned() ? 0 : queue.size();
        return new AccessLogStats(printer.written(), dropped(), printer.failed(), waiting);
    }

    // ---- the end

    /**
     * Takes no more, and writes what waits. Lines that the sink has not taken within the grace are dropped.
     *
     * @return completes when all is written and the sink is flushed, or when the grace is over. Cancelling leaves the log closed
     */
    public Mono<Void> closeAsync() {
        return Mono.defer(() -> {
            finish();
            return Mono.fromFuture(printer.ended(), true).timeout(grace, Mono.fromRunnable(printer::abandon));
        });
    }

    /** The same as {@link #closeAsync}, and waits for it; not for event loops. */
    @Override
    public void close() {
        finish();
        try {
            printer.ended().get(grace.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            printer.abandon();
        } catch (InterruptedException e) {
            printer.abandon();
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("access log: ended with a failure (expected: never)", e);
        }
    }

    private void finish() {
        queue.close();
        printer.wake();
    }

    @Override
    public String toString() {
        return "AccessLog" + stats();
    }
}
