/**
 * How many requests may come in a time: by client, identity, header or whatever else a key can be made of.
 *
 * <p>Start at {@link io.headgate.ratelimit.RateLimits}, the stage. Limits are kept in this process unless a
 * {@link io.headgate.ratelimit.RateLimitStore} keeps them for several gateways together.
 *
 * <p>The local engine is our own: the generic cell rate algorithm (ITU-T I.371) over one {@code long} for each key,
 * changed by compare-and-set. Of the libraries that were looked at, the {@code AtomicRateLimiter} of Resilience4j
 * makes a state object for each permission, parks the thread for a moment when two of them meet, and hands out by
 * fixed cycles, twice the limit around the border of two; the {@code LockFreeBucket} of Bucket4j copies its state for
 * each token. Neither is made for many thousand keys, and both would still need the bounded table of keys around
 * them. Bucket4j is of use behind a {@link io.headgate.ratelimit.RateLimitStore}, where its distributed stores are.
 */
@NullMarked
package io.headgate.ratelimit;

import org.jspecify.annotations.NullMarked;
