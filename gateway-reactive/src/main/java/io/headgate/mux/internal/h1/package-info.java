/**
 * HTTP/1.1 of the mux, on Netty's decoder: the client side in {@code H1Front}, the upstream side in {@code H1Back}. Not for
 * use outside Headgate.
 */
@NullMarked
package io.headgate.mux.internal.h1;

import org.jspecify.annotations.NullMarked;
