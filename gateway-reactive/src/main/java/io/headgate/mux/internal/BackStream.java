package io.headgate.mux.internal;

import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;

/** The place of one exchange on an upstream connection. For its event loop alone. */
public interface BackStream {

    /** Writes bytes of the request, taking ownership; {@link BackExchange#sent} is told when they have left. */
    void writeData(ByteBuf chunk, boolean last);

    /** Writes the end of the request. */
    void writeEnd(Fields trailers);

    /** Bytes of the reply have been consumed: as many more may be read. */
    void replyConsumed(int bytes);

    /** Ends the exchange on the wire without waiting for the rest; the stream says nothing more afterwards. */
    void cancel();
}
