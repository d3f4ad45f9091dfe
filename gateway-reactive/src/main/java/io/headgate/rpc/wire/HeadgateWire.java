package io.headgate.rpc.wire;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.internal.NestedFlush;
import io.netty.channel.Channel;

/**
 * Headgate's own wire, version 1: calls of both sides side by side on one byte stream, with credits, deadlines, cancellation
 * both ways, heartbeats and a goodbye.
 *
 * <p><b>Memory.</b> What a peer sends and nobody has taken is bounded by the windows of {@link io.headgate.rpc.RpcSettings};
 * elements are sent exactly as far as the consumer on the other side asks for them, but for the first one of each direction,
 * which may come before it is asked for, so that a call of two small messages takes one round trip.
 *
 * <p><b>Ownership.</b> Buffers that a body emits belong to who receives them. Large ones are slices of what was read.
 */
public final class HeadgateWire implements Dialect {

    /** The dialect. */
    public static final HeadgateWire DIALECT = new HeadgateWire();

    private HeadgateWire() {}

    @Override
    public String name() {
        return "headgate";
    }

    @Override
    public boolean beginsWith(int firstByte) {
        return firstByte == Banner.FIRST_BYTE;
    }

    @Override
    public RpcConnection connect(Channel channel, Side side, RpcSpec spec) {
        WireConnection connection = new WireConnection(channel, side, spec);
        NestedFlush.install(channel);
        channel.pipeline().addLast(new WireHandler(connection));
        return connection;
    }

    /** There is nothing that frames add to calls within one process. */
    @Override
    public boolean needsBytes() {
        return false;
    }

    @Override
    public String toString() {
        return name();
    }
}
