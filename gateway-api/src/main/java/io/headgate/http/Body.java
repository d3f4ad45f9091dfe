package io.headgate.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The streaming body of a request or a reply: a {@code Flux} of buffers with one subscription, a length that may be known
 * beforehand, and trailers that may follow.
 *
 * <p><b>Ownership.</b> Who receives a buffer through {@code onNext} owns it and passes it on or releases it. A body that
 * is not consumed must be {@linkplain #discard discarded} by whoever drops it. A body can be subscribed at most once; a
 * second subscription fails with an {@link IllegalStateException}, unless the body is {@linkplain #empty() empty}.
 *
 * <p><b>Threading.</b> Bodies of connections emit on the event loop of their connection; demand and cancellation may come
 * from any thread. Demand is what moves bytes: without it the socket of the sender comes to rest.
 *
 * <p><b>Cancellation.</b> Cancelling tells the source that nobody wants the rest: an HTTP/2 stream is reset, an HTTP/1.1
 * connection is closed unless the rest is already there.
 *
 * <p><b>Errors.</b> A body that was cut short ends with an error, never with completion.
 *
 * <p>When the mux is given the very body that it produced itself, it links the two connections and no Reactor signal is
 * made per buffer; any operator in between makes an ordinary {@code Flux} of it, with the same behaviour.
 */
public abstract class Body extends Flux<ByteBuf> {

    /** The {@link #length} of a body that is not known beforehand. */
    public static final long UNKNOWN_LENGTH = -1;

    /** For implementations. */
    protected Body() {}

    /**
     * The number of bytes, when it is known before the body is read.
     *
     * @return zero or more, or {@link #UNKNOWN_LENGTH}
     */
    public abstract long length();

    /**
     * The trailers; subscribe when the body has completed.
     *
     * @return the trailer fields, or empty when there are none; fails when the body failed
     */
    public abstract Mono<Fields> trailers();

    /**
     * Drops the body: releases the buffers that it holds and cancels its source. Does nothing when the body has been
     * subscribed or discarded before. May be called on any thread.
     */
    public abstract void discard();

    /**
     * This body with somebody who is told how it passes. Unlike an operator, a watch does not come between the sockets that a
     * body goes from and to.
     *
     * @param watch is told; for an {@linkplain #empty() empty} body at once
     * @return the body to use in the place of this one, which must not be used any more; often the same
     */
    public Body watched(BodyWatch watch) {
        return new WatchedBody(this, Objects.requireNonNull(watch, "watch"));
    }

    /**
     * Tells whether the message ended with its head: there is no body, not even trailers. gRPC tells such a reply
     * (trailers-only) from one with an empty body.
     *
     * @return true for {@link #empty()}
     */
    public final boolean isEmpty() {
        return this == empty();
    }

    /**
     * Tells whether all of the body is here already, in one buffer or none: who subscribes gets it at the first demand, on the thread
     * that asks. There is nothing to wait for, and nothing that can fail.
     *
     * @return true for {@link #empty()} and for a body of one buffer
     */
    public boolean isWhole() {
        return false;
    }

    /**
     * No body: the message ends with its head.
     *
     * @return always the same instance; may be subscribed any number of times
     */
    public static Body empty() {
        return EmptyBody.INSTANCE;
    }

    /**
     * A body of one buffer.
     *
     * @param buffer the buffer; takes ownership
     * @return the body
     */
    public static Body of(ByteBuf buffer) {
        return new BufferBody(Objects.requireNonNull(buffer, "buffer"));
    }

    /**
     * A body of text in UTF-8.
     *
     * @param text the text
     * @return the body
     */
    public static Body utf8(String text) {
        return of(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * A body of a publisher, of unknown length and without trailers.
     *
     * @param source emits the buffers and passes their ownership; it is subscribed once, and released by cancellation
     * @return the body
     */
    public static Body of(Publisher<? extends ByteBuf> source) {
        return of(source, UNKNOWN_LENGTH, Mono.empty());
    }

    /**
     * A body of a publisher.
     *
     * @param source emits the buffers and passes their ownership; it is subscribed once, and released by cancellation
     * @param length the exact number of bytes, or {@link #UNKNOWN_LENGTH}; a source that emits another number makes the
     *     message fail
     * @param trailers subscribed when the source has completed
     * @return the body
     */
    public static Body of(Publisher<? extends ByteBuf> source, long length, Mono<Fields> trailers) {
        if (length < UNKNOWN_LENGTH) {
            throw new IllegalArgumentException("length: " + length + " (expected: >= 0, or UNKNOWN_LENGTH)");
        }
        return new PublisherBody(Flux.from(Objects.requireNonNull(source, "source")), length, trailers);
    }

    /**
     * This body seen through operators; the trailers stay, the length becomes unknown.
     *
     * @param operators what to do with the buffers; owns those that it is given, as every operator does
     * @return the body; it takes the place of this one, which must not be used any more
     */
    public final Body via(UnaryOperator<Flux<ByteBuf>> operators) {
        return new PublisherBody(operators.apply(this), UNKNOWN_LENGTH, Mono.defer(this::trailers)) {
            @Override
            void dropSource() {
                Body.this.discard();
            }
        };
    }

    /**
     * Collects the body into one buffer.
     *
     * @param maxBytes how many bytes to hold at most
     * @return one buffer, whose ownership passes to the subscriber; fails with {@link BodyTooLargeException} when there is
     *     more, and holds nothing then
     */
    public final Mono<ByteBuf> aggregate(int maxBytes) {
        return new AggregateMono(this, maxBytes);
    }

    /**
     * Collects the body into a string of UTF-8.
     *
     * @param maxBytes how many bytes to hold at most
     * @return the text; fails with {@link BodyTooLargeException} when there is more
     */
    public final Mono<String> asString(int maxBytes) {
        return aggregate(maxBytes).map(buffer -> {
            try {
                return buffer.toString(StandardCharsets.UTF_8);
            } finally {
                buffer.release();
            }
        });
    }

    /**
     * Collects the body into an array.
     *
     * @param maxBytes how many bytes to hold at most
     * @return the bytes; fails with {@link BodyTooLargeException} when there is more
     */
    public final Mono<byte[]> asBytes(int maxBytes) {
        return aggregate(maxBytes).map(buffer -> {
            try {
                return ByteBufUtil.getBytes(buffer);
            } finally {
                buffer.release();
            }
        });
    }
}
