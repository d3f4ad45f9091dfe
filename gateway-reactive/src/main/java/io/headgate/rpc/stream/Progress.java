package io.headgate.rpc.stream;

import io.headgate.FlowOperator;
import io.headgate.http.Body;
import io.headgate.http.BodyWatch;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Shows how far one stream of buffers is, on whichever side it is sent or received. It is laid around the stream once, and may be
 * looked at any number of times, before, while and after the stream goes.
 *
 * <pre>{@code
 * Progress progress = Progress.create();
 * progress.reports(Duration.ofSeconds(1)).subscribe(report -> LOG.info("{}", report));
 * return reply.withBody(progress.of(reply.body()));
 * }</pre>
 *
 * <p>Each buffer costs one addition to a field. There is no timer unless somebody looks.
 *
 * <p><b>Threading.</b> Any thread may look. The stream passes on its own threads.
 */
public final class Progress implements FlowOperator<ByteBuf, ByteBuf> {

    private static final VarHandle BYTES;
    private static final long NOT_YET = -1;

    static {
        try {
            BYTES = MethodHandles.lookup().findVarHandle(Progress.class, "bytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Scheduler timer;
    private final LongSupplier clock;
    private final AtomicBoolean used = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Sinks.Empty<Void> end = Sinks.empty();
    private volatile long total = Body.UNKNOWN_LENGTH;
    private volatile long began = NOT_YET;
    private volatile long ended = NOT_YET;
    private volatile ProgressReport.State state = ProgressReport.State.WAITING;
    private volatile @Nullable Throwable failure;

    @SuppressWarnings("unused") // through BYTES
    private long bytes;

    private Progress(Scheduler timer, LongSupplier clock) {
        this.timer = Objects.requireNonNull(timer, "timer");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * For one stream; reports come on {@link Schedulers#parallel}.
     *
     * @return what to lay around the stream
     */
    public static Progress create() {
        return new Progress(Schedulers.parallel(), System::nanoTime);
    }

    /**
     * For one stream, with another time.
     *
     * @param timer where reports come on
     * @param clock nanoseconds, as of {@link System#nanoTime}
     * @return what to lay around the stream
     */
    public static Progress create(Scheduler timer, LongSupplier clock) {
        return new Progress(timer, clock);
    }

    /**
     * Says how many bytes are to be expected, where the stream itself does not.
     *
     * @param bytes zero or more
     * @return this
     */
    public Progress expecting(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: zero or more)");
        }
        total = bytes;
        return this;
    }

    /**
     * The body with this around it. A body that goes from socket to socket goes on doing so.
     *
     * @param body the body; the result takes its place. Its length, when known, is what is expected. The time begins now. For one
     *     that is to be resumed see {@link SeekableBody#with}
     * @return the body to use
     */
    public Body of(Body body) {
        claim();
        expect(body.length());
        begin();
        return body.watched(new Watch());
    }

    /**
     * The stream with this around it.
     *
     * @param stream the stream, subscribed once
     * @return the same buffers; passes their ownership. Demand and cancel pass straight on
     */
    @Override
    public Flux<ByteBuf> apply(Flux<ByteBuf> stream) {
        return new ProgressFlux(stream, this);
    }

    /**
     * A state stream that ends with what it shows: what the progress is at once and then after each period, and in the end
     * the final figure, whereupon it completes, or fails as the stream did. A cancelled stream is one that ended. Who is slow
     * misses reports, never the final one.
     *
     * @param period the time between two reports, at least 1 ms
     * @return the reports, for any number of subscribers
     */
    public Flux<ProgressReport> reports(Duration period) {
        if (period.toMillis() < 1) {
            throw new IllegalArgumentException("period: " + period + " (expected: at least 1 ms)");
        }
        return Flux.defer(() -> {
            Meter meter = new Meter();
            Flux<ProgressReport> running = Flux.interval(Duration.ZERO, period, timer)
                    .onBackpressureLatest()
                    .map(tick -> meter.report())
                    .takeUntilOther(end.asMono());
            return running.concatWith(Mono.fromSupplier(meter::report)).concatWith(Mono.defer(this::outcome));
        });
    }

    /**
     * The progress now; its rate is the average from the beginning.
     *
     * @return a snapshot
     */
    public ProgressReport report() {
        return new Meter().report();
    }

    /** One buffer more. There is one writer at a time, so that this needs no atomic addition. */
    void add(int count) {
        BYTES.setOpaque(this, (long) BYTES.getOpaque(this) + count);
    }

    void claim() {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("progress: has a stream already (expected: one for each stream)");
        }
    }

    void begin() {
        began = clock.getAsLong();
        state = ProgressReport.State.RUNNING;
    }

    /** A stream that comes in parts goes on, or back, to a position. */
    void beginAt(long position) {
        if (state == ProgressReport.State.WAITING) {
            begin();
        }
        BYTES.setOpaque(this, position);
    }

    void expect(long bytes) {
        if (bytes != Body.UNKNOWN_LENGTH) {
            total = bytes;
        }
    }

    /** The stream is over; what is said first counts. */
    void end(ProgressReport.State last, @Nullable Throwable cause) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        ended = clock.getAsLong();
        failure = cause;
        state = last;
        end.tryEmitEmpty();
    }

    private Mono<ProgressReport> outcome() {
        Throwable cause = failure;
        return cause == null ? Mono.empty() : Mono.error(cause);
    }

    /** What one subscriber has seen, for the rate. */
    private final class Meter {

        private long lastNanos;
        private long lastBytes;

        ProgressReport report() {
            ProgressReport.State now = state;
            if (now == ProgressReport.State.WAITING) {
                return new ProgressReport(now, 0, total, Duration.ZERO, 0);
            }
            long count = (long) BYTES.getOpaque(Progress.this);
            long nanos = (now == ProgressReport.State.RUNNING ? clock.getAsLong() : ended) - began;
            long since = nanos - lastNanos;
            double rate = since <= 0 ? 0 : (count - lastBytes) * 1e9 / since;
            lastNanos = nanos;
            lastBytes = count;
            return new ProgressReport(now, count, total, Duration.ofNanos(nanos), rate);
        }
    }

    private final class Watch implements BodyWatch {

        @Override
        public void onData(int count) {
            add(count);
        }

        @Override
        public void onComplete(Fields trailers) {
            end(ProgressReport.State.COMPLETE, null);
        }

        @Override
        public void onFailure(Throwable cause) {
            end(ProgressReport.State.FAILED, cause);
        }

        @Override
        public void onCancel() {
            end(ProgressReport.State.CANCELLED, null);
        }
    }
}
