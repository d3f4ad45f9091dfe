package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import java.util.function.LongFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;

/**
 * The end of a stream together with the sum of all of it. What comes before that end is read once more and only summed: this
 * way the sum holds for what the source has now, and nobody needs to remember sums between two connections.
 */
final class Summed {

    private final Checksum.Running sum;
    private long skip;

    Summed(Checksum kind, long offset) {
        sum = kind.begin();
        skip = offset;
    }

    /** The bytes from the offset on, and those before it only where a sum is wanted. */
    static Flux<ByteBuf> open(Checksum kind, Summed summed, LongFunction<Flux<ByteBuf>> source) {
        return kind == Checksum.NONE
                ? source.apply(summed.skip)
                : source.apply(0).handle(summed::add);
    }

    private void add(ByteBuf buffer, SynchronousSink<ByteBuf> sink) {
        sum.add(buffer);
        int size = buffer.readableBytes();
        if (skip >= size) {
            skip -= size;
            buffer.release();
            return;
        }
        buffer.skipBytes((int) skip);
        skip = 0;
        sink.next(buffer);
    }

    /** The sum; asked when the stream has completed. */
    String text() {
        return sum.text();
    }
}
