/** What it costs to keep a set the same in many processes; start with {@link io.headgate.benchmarks.sync.SyncBench}. */
@NullMarked
package io.headgate.benchmarks.sync;

import org.jspecify.annotations.NullMarked;
