/** The handlers and contexts that TLS needs on a connection, either side. No part of the API. */
@NullMarked
package io.headgate.tls.internal;

import org.jspecify.annotations.NullMarked;
