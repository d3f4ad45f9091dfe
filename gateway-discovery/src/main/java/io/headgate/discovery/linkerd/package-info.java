/**
 * The destination API of Linkerd: {@code Get} for endpoints and {@code GetProfile} for profiles, as a client and as a server.
 */
@NullMarked
package io.headgate.discovery.linkerd;

import org.jspecify.annotations.NullMarked;
