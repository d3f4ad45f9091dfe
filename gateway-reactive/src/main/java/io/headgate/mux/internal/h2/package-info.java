/**
 * HTTP/2 of the mux, on Netty's connection handler with frame writer and flow-controlled payloads of our own and without
 * child channels: the client side in {@code H2Front}, the upstream side in {@code H2Back}. Not for use outside Headgate.
 */
@NullMarked
package io.headgate.mux.internal.h2;

import org.jspecify.annotations.NullMarked;
