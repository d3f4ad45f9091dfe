package io.headgate.rpc.wire;

import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One call on the wire, on the side that makes it or on the side that answers. Everything but what says otherwise happens on
 * the event loop of the connection.
 */
abstract class WireStream {

    final WireConnection connection;
    int id;
    /** When the call is of no use any more, on the clock of the event loop. */
    long due = Long.MAX_VALUE;
    /** When something last moved, roughly. */
    long moved;

    long began;

    @Nullable OutboundStream outbound;

    @Nullable InboundStream inbound;

    private boolean over;

    WireStream(WireConnection connection) {
        this.connection = connection;
    }

    abstract boolean isIncoming();

    abstract String endpoint();

    // ---- frames of the other side

    abstract void onHeader(int flags, ByteBuf payload);

    abstract void onData(int flags, ByteBuf payload);

    abstract void onTrailer(Frames.End end);

    abstract void onError(Frames.End end, boolean unprocessed);

    abstract void onCancel();

    void onCredit(long elements, int bytes) {
        moved = connection.now();
        if (outbound != null) {
            outbound.credit(elements, bytes);
        }
    }

    // ---- what the body that is sent tells

    /** Whether a HEADER must precede the first element. */
    abstract boolean needsHead();

    /** Writes the HEADER, unless it is out already. */
    abstract void writeHead(boolean end);

    /** Whether the trailers of the body are sent. */
    abstract boolean sendsTrailers();

    /** All has been sent; trailers only when they are wanted and not empty. */
    abstract void onSent(Fields trailers);

    /** The body failed. */
    abstract void onSourceFailed(Throwable error);

    // ---- what the body that is received tells

    /** Its consumer does not want the rest. */
    abstract void onAbandoned();

    /** Its consumer threw, and is told nothing more. */
    abstract void consumerThrew(Throwable thrown);

    /** What came is not what the call may carry; the connection is not at fault. */
    abstract void onRefused(RpcException reason);

    /** This side ends the call. */
    abstract void cut(RpcException reason, boolean tell);

    /** Whether the other side could move and does not. */
    abstract boolean mayMove();

    // ----

    boolean isOver() {
        return over;
    }

    /** The call has ended on the wire; true the first time. */
    boolean end(RpcStatus status) {
        if (over) {
            return false;
        }
        over = true;
        if (outbound != null) {
            outbound.cancel();
        }
        connection.calls().ended(this, status);
        return true;
    }
}
