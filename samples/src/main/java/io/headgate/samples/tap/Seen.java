package io.headgate.samples.tap;

import io.headgate.tap.TapEvent;
import java.time.Instant;

/**
 * An event of a tap, with the time at which it was seen here: the events themselves know only how long things took.
 *
 * @param at by the clock of whoever looks
 * @param event what was seen
 */
public record Seen(Instant at, TapEvent event) {}
