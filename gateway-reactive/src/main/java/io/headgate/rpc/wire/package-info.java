/**
 * Headgate's own wire: many calls at a time over one byte stream, each with elements both ways, credits in elements and in
 * bytes, and an end that both sides know of. {@link io.headgate.rpc.wire.HeadgateWire#DIALECT} is all there is to use; the
 * bytes are drawn in {@code docs/rpc-wire.md}.
 */
@NullMarked
package io.headgate.rpc.wire;

import org.jspecify.annotations.NullMarked;
