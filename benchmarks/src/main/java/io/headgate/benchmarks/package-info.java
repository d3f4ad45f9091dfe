/** JMH benchmarks; {@code docs/benchmarks.md} says how to run them and what they said. */
@NullMarked
package io.headgate.benchmarks;

import org.jspecify.annotations.NullMarked;
