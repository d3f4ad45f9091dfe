package io.headgate.rpc.zrepl;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.netty.channel.Channel;

/**
 * The wire of 2017: frames, messages and calls as zrepl spoke them from August 2017 to June 2018, so that either end can be
 * the original. One call at a time, request before reply.
 *
 * <pre>
 *   calls      initiator: header message, data message      acceptor: header message, data message
 *              Close, answered                              an error is a header message alone
 *   messages   header  = HEADER frames, at most 4 KiB: a JSON object of five fields and a newline
 *              data    = DATA frames, of any length; the last frame of a message says so
 *   frames     type (1)  last (1)  length (4, little endian)  payload (at most 4 MiB)
 *   bytes      any Netty channel
 * </pre>
 *
 * <p><b>What travels.</b> The endpoint, the contents and the bodies: one JSON document, or octets. PROTOBUF is refused before
 * anything is written. Metadata, trailers, deadlines, attributes and cancellation do not travel: fields are dropped, deadlines
 * count on the side that set them. Statuses become three: INVALID_ARGUMENT and UNIMPLEMENTED are 2 and come back as the
 * former, INTERNAL is 3, all else is 4 and comes back as UNKNOWN; texts are kept, up to what fits in the header. A JSON body
 * without an element travels as {@code null}, as does a reply of no content to a caller that takes JSON.
 *
 * <p><b>Who calls.</b> The initiator. Its calls wait for their turn in order, up to {@code maxStreams} of them; a call that
 * waits can be cancelled, and its deadline counts. A call of the acceptor fails UNIMPLEMENTED.
 *
 * <p><b>Cancellation.</b> The wire has no word for it. An answer that nobody wants is read and dropped, up to
 * {@code maxLeftover} bytes and as long as {@code close}; what goes on then is cut, and the connection with it. So is a request
 * that is given up amid its octets. A call that waits, or whose body has not begun, is cancelled at no cost.
 *
 * <p><b>Flow control</b> is that of the byte stream: nothing is read while a consumer of octets does not ask and bytes are
 * held. Sources are asked for more while the transport keeps up, and what they emit leaves at the end of the turn.
 *
 * <p><b>Errors.</b> A source that fails before its first byte becomes an error of its call; one that fails later can only be told
 * by a reset, which ends the connection: {@code ABORTED} here and {@code ABORTED_BY_PEER} there. A body that was cut fails with
 * DATA_LOSS and never ends cleanly.
 *
 * <p><b>Liveness.</b> There are no heartbeats. {@code silence} and {@code heartbeat} have no meaning here; {@code progress} cuts
 * a connection whose call waits for the peer, and neither gets nor can send a byte for that long. A connection without a call
 * has TCP keepalive only, which is switched on where the channel has it, and finds a dead peer after what the system is
 * configured for (on Linux two hours unless set).
 */
public final class ZreplWire implements Dialect {

    /** The wire of 2017. */
    public static final Dialect DIALECT = new ZreplWire();

    private ZreplWire() {}

    @Override
    public String name() {
        return "zrepl";
    }

    @Override
    public boolean beginsWith(int firstByte) {
        return firstByte == FrameType.HEADER.code();
    }

    @Override
    public RpcConnection connect(Channel channel, Side side, RpcSpec spec) {
        return ZreplConnection.start(channel, side, spec);
    }

    @Override
    public String toString() {
        return name();
    }
}
