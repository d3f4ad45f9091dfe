/**
 * How many calls are under way at a time, and what happens to those that are too many.
 *
 * <p>Start at {@link io.headgate.concurrency.ConcurrencyLimit}, a fixed limit with a bounded queue;
 * {@link io.headgate.concurrency.Bulkhead} has one for each key, and {@link io.headgate.concurrency.LoadShedding} finds the
 * limit by itself and refuses what matters least first. A call is under way to the end of its reply: to its last
 * byte, its failure, or the moment when nobody wants it any more.
 *
 * <p>The engine is our own. The {@code SemaphoreBulkhead} of Resilience4j is a fair semaphore of the JDK: a call that
 * has to wait holds its thread, which on an event loop is all calls of that loop, and a limit that is lowered waits
 * for permits, too. A queue of calls that cost no thread, places that a cancelled call gives back, and a limit that
 * moves at any moment have to be built around it, and then the semaphore is the smallest part. Here all of that is
 * one counter changed by compare-and-set, and a queue that is touched only by calls that have to wait.
 */
@NullMarked
package io.headgate.concurrency;

import org.jspecify.annotations.NullMarked;
