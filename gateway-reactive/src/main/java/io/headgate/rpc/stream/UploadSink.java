package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where uploads go, and what knows how far they are. {@link Resume#takes} sees to it that of one upload only one thing is done
 * at a time in this process, and that a write has ended before anything else of that upload is asked.
 */
public interface UploadSink {

    /**
     * How many bytes are here to stay.
     *
     * @param upload which
     * @return the number; zero for an upload that was never heard of. Fails with an {@link io.headgate.rpc.RpcException} when
     *     it is not welcome
     */
    Mono<Long> offset(Upload upload);

    /**
     * Takes bytes until they end, one way or another.
     *
     * @param upload which
     * @param offset how many bytes there are already, as {@link #offset} said
     * @param bytes what follows; takes ownership of its buffers. When it fails, what has come before is kept
     * @return how many bytes are here to stay then, in total; fails with the failure of {@code bytes}, once all is written
     *     that came before it
     */
    Mono<Long> write(Upload upload, long offset, Flux<ByteBuf> bytes);

    /**
     * What was taken.
     *
     * @param upload which
     * @param offset where to begin
     * @return the bytes from there to the end; passes ownership of its buffers
     */
    Flux<ByteBuf> read(Upload upload, long offset);
}
