/**
 * Routing: which service an exchange is for.
 *
 * <p>A {@link io.headgate.route.RouteTable} is compiled of {@link io.headgate.route.Route}s, each of which says what it
 * matches, and finds the one for an exchange in the time that it takes to read its host and path. A
 * {@link io.headgate.route.Router} follows a stream of tables and calls the service of the key that a table names, from a
 * {@link io.headgate.route.ServiceCache}.
 */
@NullMarked
package io.headgate.route;

import org.jspecify.annotations.NullMarked;
