package io.headgate.rpc.zrepl;

import io.headgate.FlowOperator;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.internal.PushFlux;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The layers of the wire alone, as operators on streams: what a {@linkplain ZreplWire connection} composes on its channel, for
 * captures, tests, tools and byte streams that are no channel.
 *
 * <pre>{@code
 * Flux<MessagePart> calls = capture.transform(ZreplFlows.frames()).transform(ZreplFlows.messages(Side.INITIATOR));
 * }</pre>
 *
 * <p>The layer of calls is the connection itself, a service: {@code requests.concatMap(connection)}.
 *
 * <p><b>Demand</b> is honoured: an operator asks for one input when all outputs of the one before are taken, so it holds the
 * outputs of one input at most. <b>Ownership</b> of buffers passes through; those that are held are released on cancel and on
 * error. <b>Errors</b>: what breaks the format fails the stream with an {@link io.headgate.rpc.RpcException}, and so does an end
 * amid a frame or a message. Each subscription has a state of its own.
 */
public final class ZreplFlows {

    private ZreplFlows() {}

    /**
     * Bytes to frames. An event stream that drops nothing.
     *
     * @return the operator; takes ownership of the bytes, and emits frames that share their memory
     */
    public static FlowOperator<ByteBuf, Frame> frames() {
        return source ->
                new PushFlux<>(source, FrameStep::new, frame -> frame.payload().release(), ByteBuf::release);
    }

    /**
     * Frames to bytes. An event stream that drops nothing.
     *
     * @param alloc where headers and small payloads are put
     * @param maxPayload longer payloads become several frames; never more than 4 MiB
     * @return the operator; takes ownership of the frames
     */
    public static FlowOperator<Frame, ByteBuf> bytes(ByteBufAllocator alloc, int maxPayload) {
        return source -> new PushFlux<>(
                source,
                out -> new ByteStep(alloc, maxPayload, out),
                ByteBuf::release,
                frame -> frame.payload().release());
    }

    /**
     * Frames to messages: checks that their types come in the order of the wire, and reads headers.
     *
     * @param sender whose messages these are: the initiator sends requests, the acceptor replies
     * @return the operator; takes ownership of the frames
     */
    public static FlowOperator<Frame, MessagePart> messages(Side sender) {
        return source -> new PushFlux<>(
                source,
                out -> new MessageStep(sender, out),
                ZreplFlows::release,
                frame -> frame.payload().release());
    }

    /**
     * Messages to frames. An event stream that drops nothing.
     *
     * @param alloc where headers are put
     * @return the operator; takes ownership of the messages
     */
    public static FlowOperator<MessagePart, Frame> cut(ByteBufAllocator alloc) {
        return source -> source.map(part -> frameOf(part, alloc));
    }

    private static Frame frameOf(MessagePart part, ByteBufAllocator alloc) {
        if (part instanceof MessagePart.Head head) {
            ByteBuf text = alloc.heapBuffer(128);
            HeaderWriter.write(head.header(), text);
            return new Frame(FrameType.HEADER, true, text);
        }
        if (part instanceof MessagePart.Data data) {
            return new Frame(FrameType.DATA, false, data.payload());
        }
        return new Frame(part instanceof MessagePart.End ? FrameType.DATA : FrameType.RST, true, Unpooled.EMPTY_BUFFER);
    }

    private static void release(MessagePart part) {
        if (part instanceof MessagePart.Data data) {
            data.payload().release();
        }
    }

    /** Bytes to frames, by the reader of connections. */
    private static final class FrameStep implements PushFlux.Step<ByteBuf>, FrameSink {

        private final Consumer<Frame> out;
        private final FrameReader reader = new FrameReader(this, null);
        private FrameType type = FrameType.HEADER;
        private boolean last;
        private int missing;

        FrameStep(Consumer<Frame> out) {
            this.out = out;
        }

        @Override
        public void next(ByteBuf bytes) {
            reader.add(bytes);
            reader.advance();
        }

        @Override
        public void end() {
            cut(reader.cutByEnd());
        }

        @Override
        public void discard() {
            reader.discard();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void frame(FrameType frameType, boolean isLast, int length) {
            type = frameType;
            last = isLast;
            missing = length;
            if (length == 0) {
                out.accept(new Frame(type, last, Unpooled.EMPTY_BUFFER));
            }
        }

        @Override
        public void payload(ByteBuf part) {
            missing -= part.readableBytes();
            out.accept(new Frame(type, last && missing == 0, part));
        }

        @Override
        public void reset() {
            out.accept(new Frame(FrameType.RST, true, Unpooled.EMPTY_BUFFER));
        }
    }

    /** Frames to bytes, by the writer of connections. */
    private static final class ByteStep implements PushFlux.Step<Frame> {

        private final FrameWriter writer;

        ByteStep(ByteBufAllocator alloc, int maxPayload, Consumer<ByteBuf> out) {
            writer = new FrameWriter(alloc, maxPayload, out, null);
        }

        @Override
        public void next(Frame frame) {
            writer.write(frame.type(), frame.last(), frame.payload());
            writer.drain();
        }

        @Override
        public void end() {
            // each frame has left already
        }

        @Override
        public void discard() {
            writer.discard();
        }
    }

    /** Frames to messages, by the reader of connections. */
    private static final class MessageStep implements PushFlux.Step<Frame>, MessageSink {

        private final Consumer<MessagePart> out;
        private final MessageReader reader;

        MessageStep(Side sender, Consumer<MessagePart> out) {
            this.out = out;
            this.reader = new MessageReader(this, sender == Side.INITIATOR);
        }

        @Override
        public void next(Frame frame) {
            if (frame.type() == FrameType.RST) {
                frame.payload().release();
                reader.reset();
                return;
            }
            int length = frame.payload().readableBytes();
            try {
                reader.frame(frame.type(), frame.last(), length);
            } catch (RuntimeException e) {
                frame.payload().release();
                throw e;
            }
            if (length == 0) {
                frame.payload().release();
            } else {
                reader.payload(frame.payload());
            }
        }

        @Override
        public void end() {
            cut(reader.cutByEnd());
        }

        @Override
        public void discard() {
            // holds bytes of headers alone, and those as an array
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void head(CallHeader header) {
            out.accept(new MessagePart.Head(header));
        }

        @Override
        public void data(ByteBuf part) {
            out.accept(new MessagePart.Data(part));
        }

        @Override
        public void dataEnds() {
            out.accept(new MessagePart.End());
        }

        @Override
        public void reset() {
            out.accept(new MessagePart.Reset());
        }
    }

    private static void cut(@Nullable String what) {
        if (what != null) {
            throw Violation.cut(what);
        }
    }
}
