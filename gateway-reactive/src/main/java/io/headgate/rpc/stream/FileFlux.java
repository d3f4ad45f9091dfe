package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.file.Path;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** Reads a file; see {@link OctetFiles#read}. */
final class FileFlux extends Flux<ByteBuf> {

    private final Path path;
    private final long offset;
    private final long end;
    private final int chunk;
    private final ByteBufAllocator allocator;
    private final Scheduler scheduler;

    FileFlux(Path path, long offset, long end, int chunk, ByteBufAllocator allocator, Scheduler scheduler) {
        this.path = path;
        this.offset = offset;
        this.end = end;
        this.chunk = chunk;
        this.allocator = allocator;
        this.scheduler = scheduler;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        actual.onSubscribe(new FileReading(actual, path, offset, end, chunk, allocator, scheduler.createWorker()));
    }
}
