package io.headgate.mux.internal.h2;

import io.headgate.mux.H2Limits;
import io.headgate.mux.Limit;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the frame reader of a connection, of a client or of an upstream, and is the one place where floods are told
 * from work: it looks at the header of each frame, counts what is not work in an {@link H2Budget}, and hands the frame on.
 * After a violation it swallows what still comes.
 */
final class H2Guard implements Http2FrameReader {

    private static final int HEADER = Http2CodecUtil.FRAME_HEADER_LENGTH;
    private static final int MOST_SETTINGS = 64 * Http2CodecUtil.SETTING_ENTRY_LENGTH;

    private final Http2FrameReader reader;
    private final Http2Connection connection;
    private final H2Limits limits;
    private final H2Budget budget;
    private final H2Streams streams;
    private final H2FrameWriter writer;
    private final Consumer<Limit> violations;
    private @Nullable H2FrameChecks checks;
    private int continuations;
    private int blockBytes;
    private boolean insideHead; // of a header block that is not whole
    private boolean settingsAwaited;
    private boolean closed;
    private int swallowed;

    H2Guard(
            Http2FrameReader reader,
            Http2Connection connection,
            H2Limits limits,
            H2FrameWriter writer,
            Consumer<Limit> violations) {
        this.reader = reader;
        this.connection = connection;
        this.limits = limits;
        this.budget = new H2Budget(limits);
        this.streams = new H2Streams(connection, budget);
        this.writer = writer;
        this.violations = violations;
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamActive(Http2Stream stream) {
                budget.earn();
            }
        });
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener) throws Http2Exception {
        H2FrameChecks guarding = checks;
        if (guarding == null || guarding.guarded() != listener) {
            guarding = new H2FrameChecks(listener, connection, this);
            checks = guarding;
        }
        while (!closed && input.readableBytes() >= HEADER) {
            int start = input.readerIndex();
            int length = input.getUnsignedMedium(start);
            int type = input.getByte(start + 3);
            if (length > reader.configuration().frameSizePolicy().maxFrameSize()) {
                reader.readFrame(ctx, input, guarding); // which refuses it
                return;
            }
            if (input.readableBytes() < HEADER + length) {
                insideHead |= isHead(type);
                return;
            }
            inspect(input, start, length, type);
            readOne(ctx, input, HEADER + length, guarding);
        }
        if (closed) {
            swallowed += input.readableBytes();
            input.skipBytes(input.readableBytes());
        }
    }

    /** Lets the reader see no more than the frame that has been looked at. */
    private void readOne(ChannelHandlerContext ctx, ByteBuf input, int length, Http2FrameListener listener)
            throws Http2Exception {
        int end = input.writerIndex();
        input.writerIndex(input.readerIndex() + length);
        try {
            reader.readFrame(ctx, input, listener);
        } finally {
            input.writerIndex(end);
        }
    }

    private void inspect(ByteBuf input, int start, int length, int type) throws Http2Exception {
        int flags = input.getByte(start + 4);
        switch (type) {
            case Http2FrameTypes.DATA -> {
                if ((flags & Http2Flags.END_STREAM) == 0 && isEmpty(input, start, length, flags)) {
                    count(budget.emptyData);
                }
            }
            case Http2FrameTypes.HEADERS, Http2FrameTypes.PUSH_PROMISE -> {
                continuations = 0;
                blockBytes = length;
                insideHead = (flags & Http2Flags.END_HEADERS) == 0;
            }
            case Http2FrameTypes.CONTINUATION -> continuation(length, flags);
            case Http2FrameTypes.RST_STREAM -> reset(input.getInt(start + 5));
            case Http2FrameTypes.SETTINGS -> settings(length, flags);
            case Http2FrameTypes.PING -> ping(flags);
            case Http2FrameTypes.WINDOW_UPDATE -> countEarned(budget.windowUpdates);
            default -> countEarned(budget.glitches); // PRIORITY, GOAWAY and what nobody knows
        }
        if (writer.waiting() > limits.queuedFrames() && writer.stillWaiting() > limits.queuedFrames()) {
            violated(Limit.QUEUED_FRAMES, writer.waiting() + " answers are not read");
        }
    }

    private static boolean isHead(int type) {
        return type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION;
    }

    private static boolean isEmpty(ByteBuf input, int start, int length, int flags) {
        boolean padded = (flags & Http2Flags.PADDED) != 0;
        return length == 0 || padded && input.getUnsignedByte(start + HEADER) + 1 >= length;
    }

    private void continuation(int length, int flags) throws Http2Exception {
        insideHead = (flags & Http2Flags.END_HEADERS) == 0;
        blockBytes += length;
        if (++continuations > limits.continuations()) {
            violated(Limit.CONTINUATIONS, "more than " + limits.continuations() + " in a header block");
        }
        if (blockBytes > limits.headerBlock()) {
            violated(Limit.HEADER_BLOCK, "header block of more than " + limits.headerBlock() + " bytes");
        }
    }

    private void reset(int streamId) throws Http2Exception {
        count(budget.resets);
        Http2Stream stream = connection.stream(streamId);
        if (stream != null && !(connection.isServer() ? stream.isHeadersSent() : stream.isHeadersReceived())) {
            count(budget.earlyResets);
        }
    }

    private void settings(int length, int flags) throws Http2Exception {
        if ((flags & Http2Flags.ACK) == 0) {
            count(budget.settings);
            if (length > MOST_SETTINGS) {
                violated(Limit.SETTINGS, length / Http2CodecUtil.SETTING_ENTRY_LENGTH + " settings in a frame");
            }
        } else if (settingsAwaited) {
            settingsAwaited = false;
        } else {
            count(budget.glitches);
        }
    }

    private void ping(int flags) throws Http2Exception {
        if ((flags & Http2Flags.ACK) == 0) {
            countEarned(budget.pings);
        } else {
            count(budget.glitches);
        }
    }

    // ---- counting

    private void count(H2Meter meter) throws Http2Exception {
        if (budget.exceeds(meter)) {
            violated(meter.limit, meter.toString());
        }
    }

    private void countEarned(H2Meter meter) throws Http2Exception {
        if (budget.exceedsEarned(meter)) {
            violated(meter.limit, meter.toString());
        }
    }

    private void violated(Limit limit, String what) throws Http2Exception {
        violations.accept(limit);
        throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "%s", what);
    }

    // ---- for the connection

    /** An error of the peer was answered with RST_STREAM. */
    void answeredError(Http2Error error) throws Http2Exception {
        if (error == Http2Error.REFUSED_STREAM) {
            violations.accept(Limit.STREAMS); // which a peer may exceed before it has seen the limit
        } else {
            count(budget.glitches);
        }
        count(budget.errors);
    }

    /** Whether this side has reset a stream, so that what comes for it is only late. */
    boolean isLate(int streamId) throws Http2Exception {
        boolean late = streams.hasReset(streamId);
        if (late && budget.exceedsLate()) {
            violated(Limit.GLITCHES, "frames of stream " + streamId + ", which was reset");
        }
        return late;
    }

    boolean hasClosed(int streamId) {
        return streams.hasClosed(streamId);
    }

    /** DATA was sent. */
    void sentData() {
        budget.earn();
    }

    /** An exchange was completed. */
    void served() {
        budget.served();
    }

    /** SETTINGS were sent. */
    void awaitSettingsAck() {
        settingsAwaited = true;
    }

    boolean awaitsSettingsAck() {
        return settingsAwaited;
    }

    /** Whether a header block has begun and is not whole. */
    boolean isInsideHead() {
        return insideHead;
    }

    void tick(long now) {
        budget.age(now);
    }

    /** Swallows all that still comes. */
    void shut() {
        closed = true;
    }

    /** How many bytes came after the end. */
    int swallowed() {
        return swallowed;
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }
}
