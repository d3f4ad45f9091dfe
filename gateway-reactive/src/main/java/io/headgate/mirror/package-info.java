/**
 * A copy of the traffic for a second service, whose answers nobody sees: for trying out a new version with real requests.
 * Start at {@link io.headgate.mirror.Mirror}.
 */
@NullMarked
package io.headgate.mirror;

import org.jspecify.annotations.NullMarked;
