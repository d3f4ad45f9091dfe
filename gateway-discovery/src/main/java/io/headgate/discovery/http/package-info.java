/** Endpoints from a server that is asked again and again. Start at {@link io.headgate.discovery.http.HttpResolver}. */
@NullMarked
package io.headgate.discovery.http;

import org.jspecify.annotations.NullMarked;
