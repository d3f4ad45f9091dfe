/**
 * Gateways to run: start at {@link io.headgate.gateway.Gateway}, which owns event loops and upstream connections, opens
 * listeners and makes upstream services.
 */
@NullMarked
package io.headgate.gateway;

import org.jspecify.annotations.NullMarked;
