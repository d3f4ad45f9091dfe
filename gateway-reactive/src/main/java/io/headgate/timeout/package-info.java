/**
 * Limits in time: of the wait for a reply ({@link io.headgate.timeout.Timeout}), of a whole exchange
 * ({@link io.headgate.timeout.ExchangeTimeout}), and what is left of them for the next hop
 * ({@link io.headgate.timeout.DeadlineField}). Timers that are cheap in their thousands: {@link io.headgate.timeout.CoarseTimer}.
 */
@NullMarked
package io.headgate.timeout;

import org.jspecify.annotations.NullMarked;
