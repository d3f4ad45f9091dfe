package io.headgate.sync.server;

import java.time.InstantSource;
import java.util.function.LongSupplier;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Where a server has the time and its threads from, but for event loops.
 *
 * @param nanos monotonic
 * @param wall what is told to others
 * @param timer for what belongs to no connection: shedding and shutdown
 * @param workers make crumbs and snapshots, in pieces that take little time each
 */
record Times(LongSupplier nanos, InstantSource wall, Scheduler timer, Scheduler workers) {

    static Times system() {
        return new Times(System::nanoTime, InstantSource.system(), Schedulers.parallel(), Schedulers.parallel());
    }
}
