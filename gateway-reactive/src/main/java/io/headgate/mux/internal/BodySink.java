package io.headgate.mux.internal;

import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;

/**
 * Where a body goes: the writing half of a connection, or the bridge to a Reactor subscriber. Called on one event loop:
 * {@code begin data* (end | fail)?}, where the last {@code data} may be the end.
 */
public interface BodySink {

    /** Introduces the origin, which is told what has been consumed. */
    void begin(BodyOrigin origin);

    /**
     * Takes ownership of some bytes.
     *
     * @param chunk the bytes; may be empty when it is the last
     * @param last whether the body ends here, without trailers
     */
    void data(ByteBuf chunk, boolean last);

    /** The body has ended. */
    void end(Fields trailers);

    /** The body was cut short: the message must not end as if it were whole. */
    void fail(Throwable cause);
}
