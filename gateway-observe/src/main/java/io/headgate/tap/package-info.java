/**
 * Live tap: what goes through a gateway, as a stream of events, at no cost while nobody looks.
 *
 * <p>Start at {@link io.headgate.tap.Tap}: its stages are put where exchanges are to be seen, and {@link io.headgate.tap.TapSource#observe observe} makes a
 * stream of those that a {@link io.headgate.tap.TapRequest} asks for. {@link io.headgate.tap.TapEvent} says what is told.
 */
@NullMarked
package io.headgate.tap;

import org.jspecify.annotations.NullMarked;
