package io.headgate.rpc;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Hooks for logs, dumps and figures, layer by layer. All do nothing unless overridden. A connection without observer has
 * {@link #NONE}, and pays one comparison of references where an event would be.
 *
 * <p><b>Threading.</b> Called on the event loop of the connection; must not block. What an observer throws is logged and
 * otherwise ignored.
 */
public interface RpcObserver {

    /** Nobody looks. */
    RpcObserver NONE = new RpcObserver() {
        @Override
        public String toString() {
            return "none";
        }
    };

    /**
     * Bytes went over the byte stream: the hook of a dump.
     *
     * @param connection where
     * @param inbound whether they came from the other side
     * @param bytes the bytes; borrowed, indices must not be moved
     */
    default void onBytes(RpcConnection connection, boolean inbound, ByteBuf bytes) {}

    /**
     * A frame was read or written. One of octets is told of when its payload begins to come, because it may be handed on as it comes.
     *
     * @param connection where
     * @param inbound whether it came from the other side
     * @param type the name of its type
     * @param stream its stream, zero when the dialect has none
     * @param length bytes of its payload
     */
    default void onFrame(RpcConnection connection, boolean inbound, String type, int stream, int length) {}

    /**
     * A call began.
     *
     * @param connection where
     * @param inbound whether the other side calls
     * @param endpoint what is called
     */
    default void onCall(RpcConnection connection, boolean inbound, String endpoint) {}

    /**
     * A call ended, once for each {@link #onCall}.
     *
     * @param connection where
     * @param inbound whether the other side called
     * @param endpoint what was called
     * @param status how it ended
     * @param nanos how long it took
     */
    default void onCallEnd(RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {}

    /**
     * A layer entered a phase.
     *
     * @param connection where
     * @param layer its name: {@code calls}, {@code messages}, {@code frames} or {@code bytes}
     * @param phase the phase
     * @param nanos how long the phase before it took
     */
    default void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {}

    /**
     * The connection ended.
     *
     * @param connection which
     * @param ending how
     */
    default void onEnd(RpcConnection connection, Ending ending) {}

    /**
     * A stream was cut because it did not move, or the peer because it was not heard of.
     *
     * @param connection where
     * @param stream the stream, or zero for the connection
     * @param endpoint what was called, or null for the connection
     * @param nanos how long it had not moved
     */
    default void onStall(RpcConnection connection, int stream, @Nullable String endpoint, long nanos) {}

    /**
     * This observer and another one as one.
     *
     * @param other is told after this one, even when this one throws
     * @return tells both; the other one alone when this is {@link #NONE}, and the reverse
     */
    default RpcObserver and(RpcObserver other) {
        return this == NONE ? other : other == NONE ? this : new BothObservers(this, other);
    }
}
