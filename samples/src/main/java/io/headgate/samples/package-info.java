/**
 * Programs that show what Headgate does, one class per idea; {@link io.headgate.samples.Main} lists and runs them, and
 * {@link io.headgate.samples.Readme} is the one to read first.
 */
@NullMarked
package io.headgate.samples;

import org.jspecify.annotations.NullMarked;
