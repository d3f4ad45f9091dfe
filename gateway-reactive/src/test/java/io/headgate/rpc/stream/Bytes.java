package io.headgate.rpc.stream;

import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.publisher.SignalType;
import reactor.util.context.Context;

/** Reads a stream a few buffers at a time, and notes when more came than was asked for. */
final class Bytes extends BaseSubscriber<ByteBuf> {

    /** What a discard hook found released already. */
    static final Queue<Object> RELEASED_TWICE = new ConcurrentLinkedQueue<>();

    /** With a discard hook, as connections have one. */
    static final Context DISCARDING = Operators.enableOnDiscard(Context.empty(), dropped -> {
        if (dropped instanceof ByteBuf buffer && !(buffer.refCnt() > 0 && buffer.release())) {
            RELEASED_TWICE.add(dropped);
        }
    });

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Random random;
    private final long cancelAt;
    private int outstanding;

    @Nullable Throwable error;

    boolean completed;
    boolean flooded;

    private Bytes(Random random, long cancelAt) {
        this.random = random;
        this.cancelAt = cancelAt;
    }

    static Bytes read(Flux<ByteBuf> stream, Random random) {
        return read(stream, random, Long.MAX_VALUE);
    }

    /** Cancels in the middle of the signal that brings so many bytes. */
    static Bytes read(Flux<ByteBuf> stream, Random random, long cancelAt) {
        Bytes reader = new Bytes(random, cancelAt);
        stream.subscribe(reader);
        return reader;
    }

    byte[] array() {
        return bytes.toByteArray();
    }

    static byte[] some(Random random, int size) {
        byte[] content = new byte[size];
        random.nextBytes(content);
        return content;
    }

    /** The content from a position on, in buffers of varying size. */
    static Flux<ByteBuf> chunked(byte[] content, long from, LeakTrackingAllocator allocator, Random random) {
        return Flux.<ByteBuf, Integer>generate(() -> (int) from, (at, sink) -> {
            if (at >= content.length) {
                sink.complete();
                return at;
            }
            int size = Math.min(content.length - at, random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(3000));
            sink.next(allocator.heapBuffer(size).writeBytes(content, at, size));
            return at + size;
        });
    }

    @Override
    public Context currentContext() {
        return DISCARDING;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        if (cancelAt == 0) {
            cancel();
        } else {
            ask();
        }
    }

    private void ask() {
        outstanding = 1 + random.nextInt(3);
        request(outstanding);
    }

    @Override
    protected void hookOnNext(ByteBuf buffer) {
        bytes.writeBytes(ByteBufUtil.getBytes(buffer));
        buffer.release();
        flooded |= --outstanding < 0;
        if (bytes.size() >= cancelAt) {
            cancel();
        } else if (outstanding == 0) {
            ask();
        }
    }

    @Override
    protected void hookOnError(Throwable failure) {
        error = failure;
    }

    @Override
    protected void hookOnComplete() {
        completed = true;
    }

    @Override
    protected void hookFinally(SignalType type) {
        // the fields say how it ended
    }
}
