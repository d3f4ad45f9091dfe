/**
 * The framed RPC that zrepl spoke in autumn 2017, byte for byte, as client and as server: either end can be the original.
 *
 * <p>Start at {@link io.headgate.rpc.zrepl.ZreplWire}, which makes connections of channels; the layers of the wire alone, as
 * operators on streams, are in {@link io.headgate.rpc.zrepl.ZreplFlows}.
 */
@NullMarked
package io.headgate.rpc.zrepl;

import org.jspecify.annotations.NullMarked;
