/**
 * Success or failure: one {@link io.headgate.classify.Classifier} decides it for retries, breakers, metrics and taps alike, from
 * the status, the gRPC status in head or trailers, or the failure of a call.
 */
@NullMarked
package io.headgate.classify;

import org.jspecify.annotations.NullMarked;
