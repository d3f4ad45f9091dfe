/**
 * Where a request came from, and whom to believe about it.
 *
 * <p>Start at {@link io.headgate.forward.Forwarded}, the stage that tells upstreams about the client and the gateway about
 * what proxies in front of it say. {@link io.headgate.forward.Networks} names the peers to believe, and
 * {@link io.headgate.forward.Client} is what later stages (rate limits, access rules, logs) ask.
 */
@NullMarked
package io.headgate.forward;

import org.jspecify.annotations.NullMarked;
