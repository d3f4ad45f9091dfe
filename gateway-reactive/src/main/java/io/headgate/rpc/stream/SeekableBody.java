package io.headgate.rpc.stream;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * A body of octets that can begin at any of its bytes, as often as asked. To whoever knows nothing of that, it is a body that
 * begins at its first byte; {@link Resume} sends it in parts when connections are lost.
 *
 * <p>Nothing is opened before a subscription, so a body that is dropped holds nothing.
 */
public final class SeekableBody extends Body {

    private final String validator;
    private final long length;
    private final LongFunction<? extends Publisher<? extends ByteBuf>> source;
    private final @Nullable Progress progress;
    private final AtomicBoolean used = new AtomicBoolean();

    private SeekableBody(
            String validator,
            long length,
            LongFunction<? extends Publisher<? extends ByteBuf>> source,
            @Nullable Progress progress) {
        this.validator = Objects.requireNonNull(validator, "validator");
        this.length = length;
        this.source = Objects.requireNonNull(source, "source");
        this.progress = progress;
        if (length < UNKNOWN_LENGTH) {
            throw new IllegalArgumentException("length: " + length + " (expected: >= 0, or UNKNOWN_LENGTH)");
        }
        if (validator.isEmpty() || validator.length() > ResumeFields.MAX_VALIDATOR) {
            throw new IllegalArgumentException("validator: " + validator.length() + " characters (expected: 1.."
                    + ResumeFields.MAX_VALIDATOR + ")");
        }
    }

    /**
     * A body.
     *
     * @param validator names this very content, as an ETag does: other bytes have another one. 1 to 256 visible characters
     * @param length how many bytes there are, or {@link Body#UNKNOWN_LENGTH}
     * @param source the bytes from a position to the end; emits buffers and passes their ownership. At the length it emits none
     * @return the body
     */
    public static SeekableBody of(
            String validator, long length, LongFunction<? extends Publisher<? extends ByteBuf>> source) {
        return new SeekableBody(validator, length, source, null);
    }

    /**
     * A body that is found when it is asked for, such as a file: for handlers that have to answer at once.
     *
     * @param body the body; subscribed when the first byte is wanted or the point of resumption is checked, again for each
     *     part. When it fails, so does the call
     * @return a body that stages of {@link Resume} take for the one that it will be
     */
    public static Body later(Mono<SeekableBody> body) {
        return new LaterBody(Objects.requireNonNull(body, "body"));
    }

    static IllegalStateException usedTwice() {
        return new IllegalStateException("body: subscribed or discarded before (expected: one subscription)");
    }

    /**
     * This body with a progress that is that of all its parts: after a loss it goes back to where the stream goes on.
     *
     * @param shown a progress that has no stream yet
     * @return the body to use in the place of this one
     */
    public SeekableBody with(Progress shown) {
        shown.claim();
        shown.expect(length);
        return new SeekableBody(validator, length, source, shown);
    }

    @Nullable Progress progress() {
        return progress;
    }

    /** Shows a part of the stream; {@code whole}: its end is the end of all. */
    Flux<ByteBuf> shown(Flux<ByteBuf> part, long offset, boolean whole) {
        return progress == null ? part : new ProgressFlux(part, progress, offset, whole);
    }

    /**
     * What names the content.
     *
     * @return the validator
     */
    public String validator() {
        return validator;
    }

    /**
     * The bytes from a position on. Unlike the body itself it can be had any number of times.
     *
     * @param offset how many bytes to leave out
     * @return the rest; passes ownership of its buffers. Fails with OUT_OF_RANGE when there are fewer bytes
     */
    @SuppressWarnings("unchecked") // a publisher of a subtype is a publisher of buffers
    public Flux<ByteBuf> from(long offset) {
        if (offset < 0 || length != UNKNOWN_LENGTH && offset > length) {
            return Flux.error(
                    RpcException.of(RpcStatus.OUT_OF_RANGE, "offset: " + offset + " (expected: 0.." + length + ")"));
        }
        return Flux.defer(() -> (Publisher<ByteBuf>) source.apply(offset));
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    @Override
    public void discard() {
        used.set(true);
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (used.compareAndSet(false, true)) {
            shown(from(0), 0, true).subscribe(actual);
        } else {
            Operators.error(actual, usedTwice());
        }
    }
}
