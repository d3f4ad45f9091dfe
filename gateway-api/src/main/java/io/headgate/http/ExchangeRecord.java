package io.headgate.http;

import io.headgate.Key;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One exchange that is over, with all that metrics and access logs want to know of it. It is collected while the exchange runs,
 * in one object for all who want it. What it came to, {@link io.headgate.classify.Classifier#judge} tells.
 *
 * <pre>{@code
 * GatewaySpec.DEFAULTS.withObservers(ExchangeRecord.to(accessLog.andThen(audit)))
 * }</pre>
 *
 * <p><b>Threading.</b> Consumers are called on the event loop of the client connection, once for each exchange, and must not
 * block. A record does not change any more once a consumer has it, and may be kept: it holds heads, notes and figures, but neither
 * bodies nor the connection that they came on.
 */
public final class ExchangeRecord implements ExchangeObserver {

    private final HttpExchange exchange;
    private final Consumer<? super ExchangeRecord> consumer;
    private final LongSupplier clock;
    private final long began;
    private final long startMillis;
    private long headAfter = -1;
    private long duration;
    private long requestBytes;
    private long replyBytes;
    private boolean requestWhole;
    private @Nullable ReplyHead reply;
    private Fields trailers = Fields.empty();
    private Outcome outcome = Outcome.COMPLETE;
    private @Nullable Throwable cause;

    private ExchangeRecord(
            HttpExchange exchange, Consumer<? super ExchangeRecord> consumer, LongSupplier clock, LongSupplier wall) {
        this.exchange = exchange.withoutBody();
        this.consumer = consumer;
        this.clock = clock;
        this.began = clock.getAsLong();
        this.startMillis = wall.getAsLong();
    }

    /**
     * Records all exchanges.
     *
     * @param consumer takes each one when it is over
     * @return observes exchanges
     */
    public static Factory to(Consumer<? super ExchangeRecord> consumer) {
        return to(consumer, System::nanoTime);
    }

    /**
     * Records all exchanges by another clock.
     *
     * @param consumer takes each one when it is over
     * @param clock nanoseconds that go up; called on event loops
     * @return observes exchanges
     */
    public static Factory to(Consumer<? super ExchangeRecord> consumer, LongSupplier clock) {
        return to(consumer, clock, System::currentTimeMillis);
    }

    /**
     * Records all exchanges by other clocks.
     *
     * @param consumer takes each one when it is over
     * @param clock nanoseconds that go up; called on event loops
     * @param wall milliseconds since 1970; called on event loops
     * @return observes exchanges
     */
    public static Factory to(Consumer<? super ExchangeRecord> consumer, LongSupplier clock, LongSupplier wall) {
        Objects.requireNonNull(consumer, "consumer");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(wall, "wall");
        return exchange -> new ExchangeRecord(exchange, consumer, clock, wall);
    }

    // ---- what it says

    /**
     * The exchange as it came in: its head, its connection. Its body is not there any more.
     *
     * @return to be looked at only
     */
    public HttpExchange exchange() {
        return exchange;
    }

    /**
     * What was found out on the way.
     *
     * @param key what was noted
     * @param <V> the type of the value
     * @return the last {@linkplain ExchangeNotes note}, or null when there is none
     */
    public <V> @Nullable V note(Key<V> key) {
        return ExchangeNotes.of(exchange, key);
    }

    /**
     * The head of the reply.
     *
     * @return the head, as the client got it, or null when there was none
     */
    public @Nullable ReplyHead reply() {
        return reply;
    }

    /**
     * The trailers of the reply.
     *
     * @return the trailers, empty when there were none
     */
    public Fields trailers() {
        return trailers;
    }

    /**
     * How the exchange ended.
     *
     * @return the one outcome
     */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * What made it end otherwise than complete.
     *
     * @return the cause, or null
     */
    public @Nullable Throwable cause() {
        return cause;
    }

    /**
     * The bytes of the request body that were read.
     *
     * @return bytes, without chunk heads and frames
     */
    public long requestBytes() {
        return requestBytes;
    }

    /**
     * Tells whether the request was read to its end.
     *
     * @return false when the exchange was over before
     */
    public boolean isRequestWhole() {
        return requestWhole;
    }

    /**
     * The bytes of the reply body that were handed to the connection.
     *
     * @return bytes, without chunk heads and frames
     */
    public long replyBytes() {
        return replyBytes;
    }

    /**
     * When the head of the request had been read.
     *
     * @return milliseconds since 1970
     */
    public long startMillis() {
        return startMillis;
    }

    /**
     * The time from the head of the request to the end of the exchange.
     *
     * @return nanoseconds
     */
    public long durationNanos() {
        return duration;
    }

    /**
     * The time from the head of the request to the head of the reply.
     *
     * @return nanoseconds, or -1 when there was no reply
     */
    public long headAfterNanos() {
        return headAfter;
    }

    // ---- as an observer

    @Override
    public void onRequestData(int bytes) {
        requestBytes += bytes;
    }

    @Override
    public void onRequestEnd() {
        requestWhole = true;
    }

    @Override
    public void onReplyHead(ReplyHead head) {
        reply = head;
        headAfter = clock.getAsLong() - began;
    }

    @Override
    public void onReplyData(int bytes) {
        replyBytes += bytes;
    }

    @Override
    public void onReplyTrailers(Fields fields) {
        trailers = fields;
    }

    @Override
    public void onEnd(Outcome how, @Nullable Throwable why) {
        outcome = how;
        cause = why;
        duration = clock.getAsLong() - began;
        consumer.accept(this);
    }

    @Override
    public String toString() {
        return exchange + " " + outcome;
    }
}
