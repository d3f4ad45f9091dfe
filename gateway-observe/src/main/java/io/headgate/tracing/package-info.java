/**
 * Distributed tracing through Micrometer Observation: a span for each exchange of a client, a span for each attempt at an
 * upstream, and the trace context in between, as W3C has it or as B3.
 *
 * <p>Start at {@link io.headgate.tracing.Tracing}. What spans are called and what they say is up to an
 * {@code ObservationConvention}: {@link io.headgate.tracing.ExchangeConvention} and
 * {@link io.headgate.tracing.AttemptConvention} unless set. Without this package, and for exchanges that are not traced,
 * {@code traceparent} and its like pass untouched.
 */
@NullMarked
package io.headgate.tracing;

import org.jspecify.annotations.NullMarked;
