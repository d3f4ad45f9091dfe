package io.headgate.benchmarks;

import io.headgate.accesslog.AccessFormat;
import io.headgate.accesslog.AccessLog;
import io.headgate.accesslog.AccessLogSpec;
import io.headgate.accesslog.AccessSink;
import io.headgate.http.Body;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.route.Route;
import io.headgate.trace.RequestId;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** What an access log costs an event loop for each exchange, and what its lines cost elsewhere. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AccessLogBenchmark {

    private static final int BURST = 4096;
    private static final ReplyHead REPLY = new ReplyHead(200, Fields.of("content-type", "text/html"));

    private final HttpExchange exchange = exchange();
    private final ExchangeRecord ended = ended();
    private final StringBuilder line = new StringBuilder(1024);
    private final AccessFormat json = AccessFormat.json();
    private final AccessFormat common = AccessFormat.common();
    private final AccessFormat combined = AccessFormat.combined();

    /** A log whose lines are made between two bursts, so that a burst finds an empty queue, and pays for nothing else. */
    @State(Scope.Thread)
    public static class Idle {

        private final AtomicReference<@Nullable Runnable> task = new AtomicReference<>();
        private final AccessLog log = AccessLog.start(AccessLogSpec.DEFAULTS
                .withFormat((ended, line) -> {})
                .withSink(line -> {})
                .withExecutor(task::set));

        /** Empties the queue. */
        @Setup(Level.Invocation)
        public void drain() {
            Runnable waiting = task.getAndSet(null);
            if (waiting != null) {
                waiting.run();
            }
            if (log.dropped() > 0) {
                throw new IllegalStateException("dropped: " + log.dropped() + " (expected: 0)");
            }
        }
    }

    private static HttpExchange exchange() {
        Fields fields = Fields.of(
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
                "referer",
                "https://shop.example.org/catalogue?page=7");
        HttpExchange plain = HttpExchange.of(
                new RequestHead("GET", "https", "shop.example.org", "/orders/42?full=1", fields), Body.empty());
        HttpExchange observed = new HttpExchange(
                plain.head(),
                plain.body(),
                plain.connection(),
                plain.deadline(),
                ExchangeNotes.attributes(),
                plain.interim());
        ExchangeNotes.note(observed, Route.KEY, Route.of("orders", "orders"));
        ExchangeNotes.note(observed, Endpoint.KEY, Endpoint.of("127.0.0.1", 9000));
        ExchangeNotes.note(observed, RequestId.KEY, "01hf7yat00rgkgyp5c3b2x8zqv");
        return observed;
    }

    private static ExchangeRecord ended() {
        AtomicReference<@Nullable ExchangeRecord> record = new AtomicReference<>();
        play(ExchangeRecord.to(record::set), exchange());
        ExchangeRecord one = record.get();
        if (one == null) {
            throw new IllegalStateException("record: none (expected: one)");
        }
        return one;
    }

    private static void play(ExchangeObserver.Factory observers, HttpExchange exchange) {
        ExchangeObserver observer = observers.observe(exchange);
        if (observer != null) {
            observer.onRequestEnd();
            observer.onReplyHead(REPLY);
            observer.onReplyData(1024);
            observer.onEnd(Outcome.COMPLETE, null);
        }
    }

    // ---- on the event loop

    private final ExchangeObserver.Factory recorded = ExchangeRecord.to(record -> {});
    private final AccessLog filtered =
            AccessLog.start(AccessLogSpec.DEFAULTS.withSink(text -> {}).withFilter(record -> false));
    private final AccessLog off = AccessLog.start(AccessLogSpec.DEFAULTS.withSink(new AccessSink() {
        @Override
        public void write(CharSequence text) {}

        @Override
        public boolean isOn() {
            return false;
        }
    }));
    private final AccessLog full = full();

    private static AccessLog full() {
        AccessLog log = AccessLog.start(
                AccessLogSpec.DEFAULTS.withSink(text -> {}).withCapacity(1).withExecutor(task -> {}));
        play(log, exchange());
        return log;
    }

    /** The record of an exchange alone. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void recorded() {
        for (int i = 0; i < BURST; i++) {
            play(recorded, exchange);
        }
    }

    /** The record, and its place in the queue. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void logged(Idle idle) {
        for (int i = 0; i < BURST; i++) {
            play(idle.log, exchange);
        }
    }

    /** The record, which a filter then leaves out. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void leftOut() {
        for (int i = 0; i < BURST; i++) {
            play(filtered, exchange);
        }
    }

    /** The record, which finds the queue full. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void dropped() {
        for (int i = 0; i < BURST; i++) {
            play(full, exchange);
        }
    }

    /** A sink that is off. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void off() {
        for (int i = 0; i < BURST; i++) {
            play(off, exchange);
        }
    }

    // ---- elsewhere

    /** A line of JSON with 22 fields. */
    @Benchmark
    public void json(Blackhole blackhole) {
        format(json, blackhole);
    }

    /** A line of the Common Log Format. */
    @Benchmark
    public void common(Blackhole blackhole) {
        format(common, blackhole);
    }

    /** A line of the Combined Log Format. */
    @Benchmark
    public void combined(Blackhole blackhole) {
        format(combined, blackhole);
    }

    private void format(AccessFormat format, Blackhole blackhole) {
        line.setLength(0);
        format.format(ended, line);
        blackhole.consume(line);
    }
}
