package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One connection, whose other side is played by the test, frame by frame. */
final class RawPeer {

    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final MockTicker clock = Ticker.newMockTicker();
    final EmbeddedChannel channel = EmbeddedChannel.builder().ticker(clock).build();
    final WireConnection connection;
    final List<Ending> endings = new ArrayList<>();
    final List<String> received = new ArrayList<>();
    private final StringBuilder banner = new StringBuilder();
    private final FrameDecoder decoder = new FrameDecoder(
            allocator,
            1 << 24,
            1 << 20,
            (type, flags, stream, payload) ->
                    received.add(FrameType.name(type) + " " + flags + " " + stream + text(type, payload)));

    private RawPeer(Side side, RpcSpec spec) {
        channel.config().setAllocator(allocator);
        connection = (WireConnection) HeadgateWire.DIALECT.connect(channel, side, spec);
        connection.closed().subscribe(endings::add);
    }

    /** A side that accepted, and has heard nothing yet. */
    static RawPeer silent(RpcSpec spec) {
        return new RawPeer(Side.ACCEPTOR, spec);
    }

    /** A side that accepted, after the handshake. */
    static RawPeer greeted(RpcSpec spec) {
        RawPeer peer = silent(spec);
        peer.bytes(Banner.own());
        peer.hello(RpcSettings.DEFAULTS);
        assertThat(peer.connection.isOpen()).isTrue();
        peer.read();
        peer.received.clear();
        return peer;
    }

    private static String text(int type, ByteBuf payload) {
        return switch (type) {
            case FrameType.ERROR -> {
                Frames.End end = Frames.readError(payload);
                yield " " + end.status() + " " + end.text();
            }
            case FrameType.TRAILER -> " " + Frames.readTrailer(payload).status();
            case FrameType.CREDIT -> " " + payload.readUnsignedInt() + " " + payload.readInt();
            default -> " " + payload.readableBytes();
        };
    }

    void bytes(String text) {
        bytes(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    void bytes(ByteBuf bytes) {
        if (channel.isActive()) {
            channel.pipeline().fireChannelRead(bytes).fireChannelReadComplete();
        } else {
            bytes.release();
        }
        channel.runPendingTasks();
    }

    void frame(int type, int flags, int stream, int length) {
        write(out -> {
            Frames.header(out, length, type, flags, stream);
            out.writeZero(length);
        });
    }

    void write(Consumer<ByteBuf> frames) {
        ByteBuf out = Unpooled.buffer();
        frames.accept(out);
        bytes(out);
    }

    void hello(RpcSettings settings) {
        write(out -> {
            ByteBuf payload = Unpooled.buffer();
            Hello.of(settings).write(payload);
            Frames.header(out, payload.readableBytes(), FrameType.HELLO, 0, 0);
            out.writeBytes(payload);
        });
    }

    static void call(ByteBuf out, int flags, int stream, String endpoint, Content content) {
        RpcRequest request =
                RpcRequest.of(endpoint, content, content, Body.empty()).withFields(Fields.empty());
        Frames.call(out, flags, stream, request, Long.MAX_VALUE, Frames.callSize(request));
    }

    /** What the connection has sent since the last time. */
    List<String> read() {
        received.clear();
        channel.runPendingTasks();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            while (bytes.isReadable() && banner.indexOf("\n") < 0) {
                banner.append((char) bytes.readByte());
            }
            decoder.feed(bytes);
            bytes.release();
        }
        return List.copyOf(received);
    }

    /** From here on what is sent waits for the socket. */
    void readNothing() {
        if (channel.pipeline().get(Unread.class) == null) {
            channel.pipeline().addFirst(new Unread());
        }
    }

    /** Many questions, and nobody who reads the answers. */
    void floodUnread() {
        readNothing();
        write(out -> {
            for (int i = 0; i < 4000; i++) {
                Frames.ping(out, 0, i);
            }
        });
    }

    void readAgain() {
        channel.pipeline().remove(Unread.class);
        channel.flush();
        read();
    }

    /** A socket that takes nothing. */
    private static final class Unread extends ChannelOutboundHandlerAdapter {
        @Override
        public void flush(ChannelHandlerContext ctx) {}
    }

    void pass(long millis) {
        for (long i = 0; i < millis; i += 10) {
            clock.advance(10, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
            channel.runPendingTasks();
        }
    }

    Ending ending() {
        channel.runPendingTasks();
        if (endings.isEmpty()) {
            channel.close(); // the other side closes once it has read why
        }
        assertThat(endings).hasSize(1);
        return endings.get(0);
    }

    void end() {
        channel.finishAndReleaseAll();
        decoder.stop();
        allocator.assertNoLeaks();
    }
}
