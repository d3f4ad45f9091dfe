package io.headgate.mux.internal.h2;

import io.headgate.mux.internal.OutputBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameSizePolicy;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2FrameWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import io.netty.util.collection.CharObjectMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames one after the other into the output buffer of the connection, so that the frames of many streams leave in
 * one send (RFC 9113 section 4.1):
 *
 * <pre>
 * +-----------------------------------------------+
 * |                 Length (24)                   |
 * +---------------+---------------+---------------+
 * |   Type (8)    |   Flags (8)   |
 * +-+-------------+---------------+-------------------------------+
 * |R|                 Stream Identifier (31)                      |
 * +=+=============================================================+
 * |                   Frame Payload (0...)                      ...
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>A promise succeeds when its frame is in the buffer: a write that fails later closes the connection, and that is what
 * everybody is told. GOAWAY is the exception that leaves at once, because a close may follow it.
 */
final class H2FrameWriter implements Http2FrameWriter, Http2FrameWriter.Configuration, Http2FrameSizePolicy {

    private static final int HEADER = Http2CodecUtil.FRAME_HEADER_LENGTH;
    private static final byte END_STREAM = Http2Flags.END_STREAM;
    private static final byte END_HEADERS = Http2Flags.END_HEADERS;
    private static final byte ACK = Http2Flags.ACK;
    private static final int EXPECTED_HEADERS = 512;

    /** What must not enter compression tables that others may probe. */
    private static final Http2HeadersEncoder.SensitivityDetector SENSITIVE = (name, value) ->
            AsciiString.contentEquals("authorization", name) || AsciiString.contentEquals("proxy-authorization", name);

    // The peer's limit on header lists is advisory: heeding it would let a client make replies fail.
    private final Http2HeadersEncoder headersEncoder = new DefaultHttp2HeadersEncoder(SENSITIVE, true);
    private final Runnable flushLater;
    private int maxFrameSize = Http2CodecUtil.DEFAULT_MAX_FRAME_SIZE;
    private @Nullable OutputBuffer output;
    private @Nullable ChannelHandlerContext target;
    private int waiting; // frames that answer others, since all that was written had left

    /**
     * A writer.
     *
     * @param flushLater called after each frame
     */
    H2FrameWriter(Runnable flushLater) {
        this.flushLater = flushLater;
    }

    private OutputBuffer output(ChannelHandlerContext ctx) {
        if (output == null) {
            output = new OutputBuffer(ctx);
            target = ctx;
        }
        return output;
    }

    void drain() {
        if (output != null) {
            output.drain();
        }
    }

    /** At most how many frames that answer others have not left for the peer. */
    int waiting() {
        return waiting;
    }

    /** The same, after an attempt to send them. */
    int stillWaiting() {
        if (target != null) {
            drain();
            target.flush();
            flushed();
        }
        return waiting;
    }

    /** What was written has been flushed. */
    void flushed() {
        if (waiting > 0 && target != null) {
            Channel channel = target.channel();
            boolean empty = channel.bytesBeforeUnwritable() >= channel.config().getWriteBufferHighWaterMark();
            waiting = empty ? 0 : waiting;
        }
    }

    private ByteBuf frame(
            ChannelHandlerContext ctx, int length, byte type, int flags, int streamId, int expectedPayload) {
        ByteBuf out = output(ctx).tail(HEADER + expectedPayload);
        header(out, length, type, flags, streamId);
        flushLater.run();
        return out;
    }

    private static void header(ByteBuf out, int length, byte type, int flags, int streamId) {
        out.writeInt(length << 8 | type & 0xff);
        out.writeByte(flags);
        out.writeInt(streamId);
    }

    // ---- frames that the mux writes

    /** Writes DATA of the first bytes of a chunk and advances it; the caller keeps the chunk. */
    void data(ChannelHandlerContext ctx, int streamId, ByteBuf chunk, int length, boolean endStream) {
        frame(ctx, length, Http2FrameTypes.DATA, endStream ? END_STREAM : 0, streamId, 0);
        if (length > 0) {
            output(ctx).write(chunk.readRetainedSlice(length));
        }
    }

    @Override
    public ChannelFuture writeHeaders(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int padding,
            boolean endStream,
            ChannelPromise promise) {
        ByteBuf out = output(ctx).tail(HEADER + EXPECTED_HEADERS);
        int start = out.writerIndex();
        header(out, 0, Http2FrameTypes.HEADERS, 0, streamId);
        try {
            headersEncoder.encodeHeaders(streamId, headers, out);
        } catch (Http2Exception | RuntimeException e) {
            out.writerIndex(start);
            return promise.setFailure(e);
        }
        int length = out.writerIndex() - start - HEADER;
        int flags = endStream ? END_STREAM : 0;
        if (length <= maxFrameSize) {
            out.setMedium(start, length);
            out.setByte(start + 4, flags | END_HEADERS);
        } else {
            split(ctx, out, start, length, flags, streamId);
        }
        flushLater.run();
        return promise.setSuccess();
    }

    /** A block that is larger than a frame goes out as HEADERS and CONTINUATION. */
    private void split(ChannelHandlerContext ctx, ByteBuf out, int start, int length, int flags, int streamId) {
        ByteBuf rest = out.copy(start + HEADER + maxFrameSize, length - maxFrameSize);
        try {
            out.setMedium(start, maxFrameSize);
            out.setByte(start + 4, flags);
            out.writerIndex(start + HEADER + maxFrameSize);
            while (rest.isReadable()) {
                int part = Math.min(maxFrameSize, rest.readableBytes());
                boolean last = part == rest.readableBytes();
                ByteBuf tail = output(ctx).tail(HEADER + part);
                header(tail, part, Http2FrameTypes.CONTINUATION, last ? END_HEADERS : 0, streamId);
                tail.writeBytes(rest, part);
            }
        } finally {
            rest.release();
        }
    }

    @Override
    public ChannelFuture writeRstStream(
            ChannelHandlerContext ctx, int streamId, long errorCode, ChannelPromise promise) {
        waiting++;
        frame(ctx, 4, Http2FrameTypes.RST_STREAM, 0, streamId, 4).writeInt((int) errorCode);
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture writeWindowUpdate(
            ChannelHandlerContext ctx, int streamId, int windowSizeIncrement, ChannelPromise promise) {
        frame(ctx, 4, Http2FrameTypes.WINDOW_UPDATE, 0, streamId, 4).writeInt(windowSizeIncrement);
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture writeGoAway(
            ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData, ChannelPromise promise) {
        try {
            int length = 8 + debugData.readableBytes();
            ByteBuf out = frame(ctx, length, Http2FrameTypes.GO_AWAY, 0, 0, length);
            out.writeInt(lastStreamId).writeInt((int) errorCode).writeBytes(debugData);
        } finally {
            debugData.release();
        }
        drain();
        ctx.flush();
        return promise.setSuccess();
    }

    // ---- frames that the connection handler writes by itself

    @Override
    public ChannelFuture writeSettings(ChannelHandlerContext ctx, Http2Settings settings, ChannelPromise promise) {
        int length = settings.size() * Http2CodecUtil.SETTING_ENTRY_LENGTH;
        ByteBuf out = frame(ctx, length, Http2FrameTypes.SETTINGS, 0, 0, length);
        for (CharObjectMap.PrimitiveEntry<Long> setting : settings.entries()) {
            out.writeChar(setting.key()).writeInt(setting.value().intValue());
        }
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture writeSettingsAck(ChannelHandlerContext ctx, ChannelPromise promise) {
        waiting++;
        frame(ctx, 0, Http2FrameTypes.SETTINGS, ACK, 0, 0);
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture writePing(ChannelHandlerContext ctx, boolean ack, long data, ChannelPromise promise) {
        waiting++;
        frame(ctx, 8, Http2FrameTypes.PING, ack ? ACK : 0, 0, 8).writeLong(data);
        return promise.setSuccess();
    }

    // ---- frames that the mux has no use for, complete all the same

    @Override
    public ChannelFuture writeData(
            ChannelHandlerContext ctx,
            int streamId,
            ByteBuf data,
            int padding,
            boolean endStream,
            ChannelPromise promise) {
        try {
            do {
                int length = Math.min(maxFrameSize, data.readableBytes());
                data(ctx, streamId, data, length, endStream && length == data.readableBytes());
            } while (data.isReadable());
        } finally {
            data.release();
        }
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture writeHeaders(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream,
            ChannelPromise promise) {
        return writeHeaders(ctx, streamId, headers, padding, endStream, promise); // priorities are deprecated
    }

    @Override
    public ChannelFuture writePriority(
            ChannelHandlerContext ctx,
            int streamId,
            int streamDependency,
            short weight,
            boolean exclusive,
            ChannelPromise promise) {
        return promise.setSuccess(); // RFC 9113 section 5.3.2: a sender may leave it out
    }

    @Override
    public ChannelFuture writePushPromise(
            ChannelHandlerContext ctx,
            int streamId,
            int promisedStreamId,
            Http2Headers headers,
            int padding,
            ChannelPromise promise) {
        return promise.setFailure(new Http2Exception(Http2Error.INTERNAL_ERROR, "the mux does not push"));
    }

    @Override
    public ChannelFuture writeFrame(
            ChannelHandlerContext ctx,
            byte frameType,
            int streamId,
            Http2Flags flags,
            ByteBuf payload,
            ChannelPromise promise) {
        int length = payload.readableBytes();
        frame(ctx, length, frameType, flags.value(), streamId, length);
        output(ctx).write(payload);
        return promise.setSuccess();
    }

    // ---- configuration by the settings of the peer

    @Override
    public Configuration configuration() {
        return this;
    }

    @Override
    public Http2HeadersEncoder.Configuration headersConfiguration() {
        return headersEncoder.configuration();
    }

    @Override
    public Http2FrameSizePolicy frameSizePolicy() {
        return this;
    }

    @Override
    public void maxFrameSize(int max) throws Http2Exception {
        if (!Http2CodecUtil.isMaxFrameSizeValid(max)) {
            throw Http2Exception.connectionError(
                    Http2Error.FRAME_SIZE_ERROR, "SETTINGS_MAX_FRAME_SIZE: %d (expected: 16384..16777215)", max);
        }
        maxFrameSize = max;
    }

    @Override
    public int maxFrameSize() {
        return maxFrameSize;
    }

    @Override
    public void close() {
        if (output != null) {
            output.release();
        }
    }
}
