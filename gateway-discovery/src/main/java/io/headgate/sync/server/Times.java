package io.headgate.sync.server;

import java.time.InstantSource;
import java.util.function.LongSupplier;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Where a server has the time from.
 *
 * @param nanos monotonic
 * @param wall what is told to others
 * @param timer for what belongs to no connection: shedding and shutdown
 */
record Times(LongSupplier nanos, InstantSource wall, Scheduler timer) {

    static Times system() {
        return new Times(System::nanoTime, InstantSource.system(), Schedulers.parallel());
    }
}
