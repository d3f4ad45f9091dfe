/**
 * Which instance a call gets, and how many there are: slots, tokens of memory and CPU, launches, evictions. An engine without Reactor; start
 * at {@link io.headgate.function.dispatch.Dispatcher}, which decides, and {@link io.headgate.function.dispatch.Crew}, which does.
 */
@NullMarked
package io.headgate.function.dispatch;

import org.jspecify.annotations.NullMarked;
