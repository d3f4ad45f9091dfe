/**
 * What scripts of other sites may do with the cookies of a browser.
 *
 * <p>Start at {@link io.headgate.origin.AllowedOrigins}, for WebSockets. Cross-origin requests of the Fetch standard (CORS)
 * belong here as well.
 */
@NullMarked
package io.headgate.origin;

import org.jspecify.annotations.NullMarked;
