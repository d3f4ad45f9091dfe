package io.headgate.sync.server;

import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Where a server has the time, its threads but for event loops, and the memory of its sets from.
 *
 * @param nanos monotonic
 * @param wall what is told to others
 * @param timer for what belongs to no connection: shedding and shutdown
 * @param workers make crumbs and snapshots, in pieces that take little time each
 * @param memory where they live, for all clients together
 */
record Times(LongSupplier nanos, InstantSource wall, Scheduler timer, Scheduler workers, ByteBufAllocator memory) {

    static Times system() {
        return of(Schedulers.parallel(), ByteBufAllocator.DEFAULT);
    }

    static Times of(Scheduler timer, ByteBufAllocator memory) {
        return new Times(System::nanoTime, InstantSource.system(), timer, Schedulers.parallel(), memory);
    }
}
