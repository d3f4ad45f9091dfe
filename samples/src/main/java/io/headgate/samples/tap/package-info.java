/**
 * What the tap tools are made of: lines for people, a recording, HAR for browsers, and the figures of {@code top}. All of it works
 * on {@link io.headgate.tap.TapEvent}s, wherever they come from; nothing here opens a connection.
 */
@NullMarked
package io.headgate.samples.tap;

import org.jspecify.annotations.NullMarked;
