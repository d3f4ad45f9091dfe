package io.headgate.mux.internal;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.mux.DeadlineException;
import io.headgate.mux.UpstreamException;
import io.netty.handler.codec.http2.Http2Error;

/** How the failure of a reply that has begun is told to a client of HTTP/2 (RFC 9113 section 7). */
public final class ResetCodes {

    private ResetCodes() {}

    public static Http2Error of(Throwable why) {
        if (why instanceof UpstreamException upstream) {
            return ofUpstream(upstream);
        }
        boolean cancelled = why instanceof DeadlineException
                || why instanceof GatewayException known && (known.is(Trait.CANCELLED) || known.status() == 408);
        return cancelled ? Http2Error.CANCEL : Http2Error.INTERNAL_ERROR;
    }

    /** What an upstream says of the exchange is passed on; what it says of its connection is not the client's concern. */
    private static Http2Error ofUpstream(UpstreamException upstream) {
        if (upstream.failure() == UpstreamException.Failure.REFUSED) {
            return Http2Error.REFUSED_STREAM;
        }
        Http2Error code = upstream.resetCode() < 0 ? null : Http2Error.valueOf(upstream.resetCode());
        if (code == Http2Error.CANCEL
                || code == Http2Error.ENHANCE_YOUR_CALM
                || code == Http2Error.INADEQUATE_SECURITY) {
            return code;
        }
        return Http2Error.INTERNAL_ERROR;
    }
}
