package io.headgate.rpc.wire;

import io.headgate.FlowOperator;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Gathering;
import io.headgate.rpc.internal.PushFlux;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The layers of our own wire alone, as operators on streams: what a {@linkplain HeadgateWire connection} is made of, for
 * captures, tests, tools and byte streams that are no channel.
 *
 * <pre>{@code
 * Flux<ByteBuf> third = capture.transform(WireFlows.frames(alloc, settings)).transform(WireFlows.elements(alloc, settings, 3));
 * }</pre>
 *
 * <p>The layer of calls is the connection itself, a service: {@code requests.flatMap(connection)}.
 *
 * <p><b>Demand</b> is honoured: an operator asks for one input when all outputs of the one before are taken, so it holds the
 * outputs of one input at most. <b>Ownership</b> of buffers passes through; those that are held are released on cancel and on
 * error. <b>Errors</b>: what breaks the format fails the stream with an {@link RpcException} of INTERNAL that names what was
 * found and what was expected, and an end amid a frame or an element with one of DATA_LOSS. Each subscription has a state of
 * its own.
 */
public final class WireFlows {

    private WireFlows() {}

    /**
     * The bytes of one direction of a connection, from its banner on, to frames. An event stream that drops nothing but the
     * frames of types that this version does not know.
     *
     * @param alloc where frames that come in pieces are put together
     * @param settings the limits; a longer frame fails the stream before anything is allocated for it
     * @return the operator; takes ownership of the bytes, and emits frames that may share their memory
     */
    public static FlowOperator<ByteBuf, WireFrame> frames(ByteBufAllocator alloc, RpcSettings settings) {
        return source -> new PushFlux<>(
                source,
                out -> new FrameStep(alloc, settings, out),
                frame -> frame.payload().release(),
                ByteBuf::release);
    }

    /**
     * Frames to the bytes of one direction of a connection, banner first. An event stream that drops nothing.
     *
     * @param alloc where the headers of frames are put
     * @return the operator; takes ownership of the frames, and emits their payloads as they are
     */
    public static FlowOperator<WireFrame, ByteBuf> bytes(ByteBufAllocator alloc) {
        return source -> new PushFlux<>(
                source,
                out -> new ByteStep(alloc, out),
                ByteBuf::release,
                frame -> frame.payload().release());
    }

    /**
     * The frames of one direction of a connection to the elements of one call. Completes with the frame that ends them,
     * and fails with the status that the call failed with. An event stream that drops nothing of its call.
     *
     * @param alloc where elements that come in several frames are put together
     * @param settings limits the length of an element
     * @param stream the id of the call
     * @return the operator; takes ownership of the frames
     */
    public static FlowOperator<WireFrame, ByteBuf> elements(ByteBufAllocator alloc, RpcSettings settings, int stream) {
        return source -> new PushFlux<>(
                source.takeUntil(frame -> frame.stream() == stream && frame.endsStream()),
                out -> new ElementStep(alloc, settings.maxElement(), stream, out),
                ByteBuf::release,
                frame -> frame.payload().release());
    }

    private static RpcException fault(WireViolation violation) {
        return RpcException.of(RpcStatus.INTERNAL, String.valueOf(violation.getMessage()));
    }

    /** Bytes to frames, by the decoder of connections. */
    private static final class FrameStep implements PushFlux.Step<ByteBuf> {

        private final Banner banner = new Banner();
        private final FrameDecoder decoder;

        FrameStep(ByteBufAllocator alloc, RpcSettings settings, Consumer<WireFrame> out) {
            decoder = new FrameDecoder(
                    alloc,
                    settings.maxFrame(),
                    settings.maxHeader(),
                    (type, flags, stream, payload) -> out.accept(
                            new WireFrame(type, flags, stream, payload.readRetainedSlice(payload.readableBytes()))));
        }

        @Override
        public void next(ByteBuf bytes) {
            try {
                if (banner.feed(bytes)) {
                    decoder.feed(bytes);
                }
            } catch (WireViolation violation) {
                throw fault(violation);
            } finally {
                bytes.release();
            }
        }

        @Override
        public void end() {
            if (decoder.isMidFrame() || banner.version() == 0 && !banner.isEmpty()) {
                throw RpcException.of(
                        RpcStatus.DATA_LOSS,
                        "end amid a " + (decoder.isMidFrame() ? "frame: " + decoder.describeMissing() : "banner"));
            }
        }

        @Override
        public void discard() {
            decoder.stop();
        }
    }

    /** Frames to bytes. */
    private static final class ByteStep implements PushFlux.Step<WireFrame> {

        private final ByteBufAllocator alloc;
        private final Consumer<ByteBuf> out;
        private boolean begun;

        ByteStep(ByteBufAllocator alloc, Consumer<ByteBuf> out) {
            this.alloc = alloc;
            this.out = out;
        }

        @Override
        public void next(WireFrame frame) {
            ByteBuf head = alloc.buffer(64);
            if (!begun) {
                begun = true;
                head.writeCharSequence(Banner.own(), StandardCharsets.US_ASCII);
            }
            Frames.header(head, frame.payload().readableBytes(), frame.type(), frame.flags(), frame.stream());
            out.accept(head);
            if (frame.payload().isReadable()) {
                out.accept(frame.payload());
            } else {
                frame.payload().release();
            }
        }

        @Override
        public void end() {
            // each frame has left already
        }

        @Override
        public void discard() {
            // nothing is held
        }
    }

    /** The frames of one call to its elements. */
    private static final class ElementStep implements PushFlux.Step<WireFrame> {

        private final ByteBufAllocator alloc;
        private final int maxElement;
        private final int stream;
        private final Consumer<ByteBuf> out;
        private @Nullable Gathering parts;
        private boolean ended;

        ElementStep(ByteBufAllocator alloc, int maxElement, int stream, Consumer<ByteBuf> out) {
            this.alloc = alloc;
            this.maxElement = maxElement;
            this.stream = stream;
            this.out = out;
        }

        @Override
        public void next(WireFrame frame) {
            try {
                if (frame.stream() == stream) {
                    take(frame);
                }
            } catch (WireViolation violation) {
                throw fault(violation);
            } finally {
                frame.payload().release();
            }
        }

        private void take(WireFrame frame) {
            switch (frame.type()) {
                case FrameType.DATA -> data(frame.flags(), frame.payload());
                case FrameType.TRAILER -> failIf(Frames.readTrailer(frame.payload()));
                case FrameType.ERROR -> failIf(Frames.readError(frame.payload()));
                case FrameType.CANCEL ->
                    throw RpcException.remote(RpcStatus.CANCELLED, "stream " + stream + ": given up", false);
                default -> {
                    // a HEADER, or credit for the other direction
                }
            }
            ended = frame.endsStream();
            if (ended && parts != null) {
                throw new WireViolation(FrameType.name(frame.type()) + " of stream " + stream
                        + ": in the middle of an element (expected: its end before)");
            }
        }

        private void data(int flags, ByteBuf payload) {
            if ((flags & FrameType.VOID) != 0) {
                return;
            }
            int bytes = payload.readableBytes();
            long length = (parts == null ? 0L : parts.length()) + bytes;
            boolean more = (flags & FrameType.MORE) != 0;
            if ((more || parts != null) && length > maxElement) {
                throw new WireViolation("element of stream " + stream + ": at least " + length
                        + " bytes (expected: at most " + maxElement + ")");
            }
            if (parts == null && !more) {
                out.accept(payload.readRetainedSlice(bytes));
                return;
            }
            if (parts == null) {
                parts = new Gathering(alloc);
            }
            parts.add(payload, bytes, 0);
            if (!more) {
                out.accept(parts.finish());
                parts = null;
            }
        }

        private static void failIf(Frames.End end) {
            if (end.status() != RpcStatus.OK) {
                throw end.failure(false);
            }
        }

        @Override
        public void end() {
            if (!ended) {
                throw RpcException.of(
                        RpcStatus.DATA_LOSS,
                        "end of stream " + stream + (parts == null ? "" : " amid an element")
                                + ": its last frame is missing");
            }
        }

        @Override
        public void discard() {
            Gathering unfinished = parts;
            parts = null;
            if (unfinished != null) {
                unfinished.release();
            }
        }
    }
}
