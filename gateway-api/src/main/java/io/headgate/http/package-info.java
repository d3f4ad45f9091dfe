/**
 * HTTP as services see it, the same for HTTP/1.1 and HTTP/2: an {@link io.headgate.http.HttpExchange} goes in, an
 * {@link io.headgate.http.HttpReply} comes out, and both carry a streaming {@link io.headgate.http.Body}.
 *
 * <p>An HTTP service is a {@code Service<HttpExchange, HttpReply>}. Heads are immutable values; header
 * {@link io.headgate.http.Fields} keep order and duplicates and hold nothing that belongs to one connection only. What
 * happens to an exchange as a whole is told to an {@link io.headgate.http.ExchangeObserver}.
 */
@NullMarked
package io.headgate.http;

import org.jspecify.annotations.NullMarked;
