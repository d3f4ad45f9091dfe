package io.headgate.rpc.stream;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Writes a file; see {@link OctetFiles#write}. */
final class FileMono extends Mono<Long> {

    private final Publisher<? extends ByteBuf> source;
    private final Path path;
    private final long offset;
    private final Scheduler scheduler;

    FileMono(Flux<? extends ByteBuf> source, Path path, long offset, Scheduler scheduler) {
        this.source = source;
        this.path = path;
        this.offset = offset;
        this.scheduler = scheduler;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Long> actual) {
        source.subscribe(new FileWriteSubscriber(actual, path, offset, scheduler.createWorker()));
    }
}
