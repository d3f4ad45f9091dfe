package io.headgate.tap.linkerd;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Counts connections, to tell when a server that takes no more has none left: gRPC tells that only to those who block. */
final class Transports extends ServerTransportFilter {

    private static final Attributes.Key<Boolean> COUNTED = Attributes.Key.create("io.headgate.tap.linkerd.counted");

    private final AtomicInteger open = new AtomicInteger(1); // one more than there are, until no more come
    private final Sinks.Empty<Void> gone = Sinks.empty();

    @Override
    public Attributes transportReady(Attributes attributes) {
        open.incrementAndGet();
        return attributes.toBuilder().set(COUNTED, true).build();
    }

    @Override
    public void transportTerminated(@Nullable Attributes attributes) {
        if (attributes != null && attributes.get(COUNTED) != null) {
            left();
        }
    }

    /** No more come. Called once. */
    void last() {
        left();
    }

    private void left() {
        if (open.decrementAndGet() == 0) {
            gone.tryEmitEmpty();
        }
    }

    /** Completes when no more come and all are gone. */
    Mono<Void> gone() {
        return gone.asMono();
    }
}
