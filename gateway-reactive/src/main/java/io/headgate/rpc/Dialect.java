package io.headgate.rpc;

import io.netty.channel.Channel;

/**
 * A wire format: makes a connection of a byte stream. Implementations have no state and may be shared.
 *
 * <p>The byte stream is any Netty channel that is active or will be: TCP, a unix socket, either of them below TLS, a pair of
 * local channels in one process, an embedded one in a test. The dialect adds its handlers at the end of the pipeline; the
 * connection owns the channel from then on and closes it.
 */
public interface Dialect {

    /** Which side of a byte stream this is. */
    enum Side {
        /** It opened the byte stream and speaks first. */
        INITIATOR,
        /** It accepted the byte stream. */
        ACCEPTOR
    }

    /**
     * The name for messages and options.
     *
     * @return lower case
     */
    String name();

    /**
     * Tells by its first byte whether an initiator speaks this dialect.
     *
     * @param firstByte 0 to 255
     * @return whether the byte can be the first one
     */
    boolean beginsWith(int firstByte);

    /**
     * Makes a connection.
     *
     * @param channel the byte stream; takes ownership. Called on its event loop, or before it is registered
     * @param side which side this is
     * @param spec what the connection is made with
     * @return the connection, whose handshake has not ended yet
     */
    RpcConnection connect(Channel channel, Side side, RpcSpec spec);

    /**
     * Whether bytes have to be spoken where both sides are in one process. Otherwise servers and clients at an address that
     * begins with {@code local:} hand over calls as objects, as {@code io.headgate.rpc.local} says.
     *
     * @return true, unless a dialect does nothing for its calls that is not done without its bytes as well
     */
    default boolean needsBytes() {
        return true;
    }
}
