/** What it costs to call functions through the gateway; start with {@link io.headgate.benchmarks.function.FunctionBench}. */
@NullMarked
package io.headgate.benchmarks.function;

import org.jspecify.annotations.NullMarked;
