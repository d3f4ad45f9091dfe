package io.headgate.tls.internal;

import io.headgate.tls.Credential;
import io.netty.handler.ssl.SslContext;

/** A certificate of a listener with the context that serves it. */
record Served(Credential credential, SslContext context) {}
