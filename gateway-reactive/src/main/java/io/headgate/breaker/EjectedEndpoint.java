package io.headgate.breaker;

import java.time.Duration;

/**
 * An endpoint that is ejected.
 *
 * @param endpoint what {@link Ejection#stageFor} was given for it
 * @param left how long it stays out
 */
public record EjectedEndpoint(Object endpoint, Duration left) {}
