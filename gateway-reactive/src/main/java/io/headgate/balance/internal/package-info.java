/**
 * The engine of the balancer: which endpoints there are, what they cost now, and which one is next. It knows neither Reactor nor
 * timers; readers are many and never lock, the writer is one.
 */
@NullMarked
package io.headgate.balance.internal;

import org.jspecify.annotations.NullMarked;
