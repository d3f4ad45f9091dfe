/**
 * The bench of {@code rpc-bench}: contenders that do the same work, processes that run them in pairs, and rounds that take turns.
 * {@link io.headgate.samples.bench.Bench} runs it all; {@link io.headgate.samples.bench.Contender} is what a contender is.
 */
@NullMarked
package io.headgate.samples.bench;

import org.jspecify.annotations.NullMarked;
