package io.headgate.mux.internal.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the frame reader and Netty's connection decoder and checks what the decoder leaves open: HEADERS on a
 * stream that has ended (RFC 9113 section 5.1) and stream identifiers that go backwards (section 5.1.1). What follows on a
 * stream that was refused is dropped; the decoder would end the connection for it. Header blocks have been decoded by then,
 * so the compression state stays in step.
 */
final class H2Guard implements Http2FrameReader {

    /** How many closed streams are remembered: more than can be on the way from a peer that keeps to the stream limit. */
    private static final int REMEMBERED = 256;

    private final Http2FrameReader reader;
    private final Http2Connection connection;
    private final int[] closedStreams = new int[REMEMBERED];
    private int closedCount;
    private int highest; // stream that HEADERS asked for, served or not
    private @Nullable Checks checks;

    H2Guard(Http2FrameReader reader, Http2Connection connection) {
        this.reader = reader;
        this.connection = connection;
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                closedStreams[closedCount++ & REMEMBERED - 1] = stream.isResetSent() ? -stream.id() : stream.id();
            }
        });
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener) throws Http2Exception {
        Checks guarding = checks;
        if (guarding == null || guarding.guarded != listener) {
            guarding = new Checks(listener);
            checks = guarding;
        }
        reader.readFrame(ctx, input, guarding);
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }

    private final class Checks extends Http2FrameListenerDecorator {

        private final Http2FrameListener guarded;

        Checks(Http2FrameListener guarded) {
            super(guarded);
            this.guarded = guarded;
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
            if (remembers(-streamId)) {
                return false; // sent before the peer saw our reset
            }
            if (remembers(streamId)) {
                throw Http2Exception.connectionError(
                        Http2Error.STREAM_CLOSED, "HEADERS on stream %d, which is closed", streamId);
            }
            throw Http2Exception.connectionError(
                    Http2Error.PROTOCOL_ERROR, "stream %d is lower than one opened before", streamId);
        }

        private boolean remembers(int mark) {
            for (int closed : closedStreams) {
                if (closed == mark) {
                    return true;
                }
            }
            return false;
        }
    }
}
