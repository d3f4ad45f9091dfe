package io.headgate.profile;

import org.jspecify.annotations.Nullable;

/**
 * What a route has seen since it appeared. The figures are read one after the other while work goes on.
 *
 * @param route the route, or null for the default route
 * @param calls requests that took it
 * @param attempts how often they were sent on, retries included
 */
public record RouteStats(@Nullable ProfileRoute route, long calls, long attempts) {}
