package io.headgate.mux.internal.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Checks of frames what Netty's connection decoder leaves open: HEADERS on a stream that has ended (RFC 9113 section 5.1) and
 * stream identifiers that go backwards (section 5.1.1). What follows on a stream that was refused is dropped; the decoder
 * would end the connection for it. Header blocks have been decoded by then, so the compression state stays in step.
 */
final class H2FrameChecks extends Http2FrameListenerDecorator {

    private final Http2FrameListener guarded;
    private final Http2Connection connection;
    private final H2Guard guard;
    private int highest; // stream that HEADERS asked for, served or not

    H2FrameChecks(Http2FrameListener guarded, Http2Connection connection, H2Guard guard) {
        super(guarded);
        this.guarded = guarded;
        this.connection = connection;
        this.guard = guard;
    }

    Http2FrameListener guarded() {
        return guarded;
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endStream)
            throws Http2Exception {
        if (isWelcome(streamId)) {
            super.onHeadersRead(ctx, streamId, headers, padding, endStream);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream)
            throws Http2Exception {
        if (isWelcome(streamId)) {
            super.onHeadersRead(ctx, streamId, headers, streamDependency, weight, exclusive, padding, endStream);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        if (!isRefused(streamId)) {
            return super.onDataRead(ctx, streamId, data, padding, endOfStream);
        }
        connection.local().flowController().receiveFlowControlledFrame(null, data, padding, endOfStream);
        return data.readableBytes() + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) throws Http2Exception {
        if (!isRefused(streamId)) {
            super.onRstStreamRead(ctx, streamId, errorCode);
        }
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int increment) throws Http2Exception {
        if (!isRefused(streamId)) {
            super.onWindowUpdateRead(ctx, streamId, increment);
        }
    }

    private boolean isRefused(int streamId) {
        return streamId <= highest
                && (streamId & 1) == 1
                && connection.isServer()
                && connection.stream(streamId) == null
                && !connection.remote().mayHaveCreatedStream(streamId);
    }

    private boolean isWelcome(int streamId) throws Http2Exception {
        if (isRefused(streamId)) {
            return false; // its trailers
        }
        highest = Math.max(highest, streamId);
        Http2Stream stream = connection.stream(streamId);
        if (stream != null) {
            if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
                throw Http2Exception.streamError(
                        streamId, Http2Error.STREAM_CLOSED, "HEADERS on stream %d after its end", streamId);
            }
            return true;
        }
        if (!connection.remote().mayHaveCreatedStream(streamId) || connection.goAwaySent()) {
            return true;
        }
        if (guard.isLate(streamId)) {
            return false; // sent before the peer saw our reset
        }
        if (guard.hasClosed(streamId)) {
            throw Http2Exception.connectionError(
                    Http2Error.STREAM_CLOSED, "HEADERS on stream %d, which is closed", streamId);
        }
        throw Http2Exception.connectionError(
                Http2Error.PROTOCOL_ERROR, "stream %d is lower than one opened before", streamId);
    }
}
