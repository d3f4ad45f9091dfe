package io.headgate.sync.internal.wire;

import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.Gob;
import io.headgate.sync.internal.gob.GobTime;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Writes messages as frames that depend on no connection: the ids of types are fixed, so the bytes of one message can be sent
 * to every peer that has been sent the {@link #preamble}. Immutable and thread safe.
 */
public final class SyncEncoder {

    private static final SyncEncoder ORIGIN = new SyncEncoder(SyncLayout.ORIGIN);
    private static final SyncEncoder SERVER = new SyncEncoder(SyncLayout.SERVER);
    private static final SyncEncoder CLIENT = new SyncEncoder(SyncLayout.CLIENT);

    private final byte[] preamble;
    private final byte[] compressedOpening;
    private final Map<SyncType, Layout> messages = new EnumMap<>(SyncType.class);
    private final KvsEncoder kvs;

    /** Head of the frames of a message, and numbers of its fields. */
    private record Layout(byte[] head, int[] numbers) {}

    SyncEncoder(SyncLayout layout) {
        preamble = layout.preamble();
        compressedOpening = compressed(preamble);
        for (SyncType type : layout.types()) {
            messages.put(type, new Layout(layout.head(type), layout.numbers(type)));
        }
        kvs = new KvsEncoder(layout);
    }

    /**
     * For what a server says.
     *
     * @param generation which fields and messages to use
     * @return the encoder, always the same
     */
    public static SyncEncoder server(Generation generation) {
        return generation == Generation.V3_2_5 ? ORIGIN : SERVER;
    }

    /**
     * For what a client says.
     *
     * @param generation which fields and messages to use
     * @return the encoder, always the same
     */
    public static SyncEncoder client(Generation generation) {
        return generation == Generation.V3_2_5 ? ORIGIN : CLIENT;
    }

    /**
     * The definitions that every stream begins with: the first bytes of a connection, and the first behind each restart.
     *
     * @return the constant bytes, unpooled and read-only, the caller's own view
     */
    public ByteBuf preamble() {
        return Unpooled.wrappedBuffer(preamble).asReadOnly();
    }

    private static byte[] compressed(byte[] preamble) {
        ByteBuf out = Unpooled.buffer(preamble.length).writeBytes(SnappyChunks.identifier());
        SnappyChunks.compress(Unpooled.wrappedBuffer(preamble), out);
        return ByteBufUtil.getBytes(out);
    }

    /**
     * What a stream begins with: the {@link #preamble}, or if the stream is compressed the identifier of Snappy and the preamble
     * as a chunk.
     *
     * @param compressed whether by Snappy
     * @return the constant bytes, unpooled and read-only, the caller's own view
     */
    public ByteBuf opening(boolean compressed) {
        return compressed ? Unpooled.wrappedBuffer(compressedOpening).asReadOnly() : preamble();
    }

    /**
     * Writes one frame.
     *
     * @param message which the direction and generation of this encoder have
     * @param out gets the frame
     * @throws IllegalArgumentException when there is no such message here
     */
    public void encode(SyncMessage message, ByteBuf out) {
        if (message instanceof SyncMessage.Kvs changes) {
            kvs(changes.updates(), changes.position(), out);
            return;
        }
        Layout layout = messages.get(typeOf(message));
        if (layout == null) {
            throw new IllegalArgumentException("message: " + message + " (expected: one of " + messages.keySet() + ")");
        }
        ByteBuf body = out.alloc().heapBuffer(128);
        try {
            StructWriter fields = new StructWriter(layout.numbers, body);
            write(message, fields);
            fields.end();
            int length = body.readableBytes();
            Gob.uint(out, layout.head.length + Gob.uintSize(length) + length + 1);
            out.writeBytes(layout.head);
            Gob.uint(out, length);
            out.writeBytes(body);
            out.writeByte(0);
        } finally {
            body.release();
        }
    }

    /**
     * Writes the frame of {@link SyncMessage.Kvs}.
     *
     * @param updates in order
     * @param position the position that this ends; 0 for none
     * @param out gets the frame
     */
    public void kvs(List<SyncUpdate> updates, long position, ByteBuf out) {
        kvs.write(updates, position, out);
    }

    private static SyncType typeOf(SyncMessage message) {
        // a sealed switch would need Java 21
        if (message instanceof SyncMessage.Ping) {
            return SyncType.PING;
        } else if (message instanceof SyncMessage.Pong) {
            return SyncType.PONG;
        } else if (message instanceof SyncMessage.Status) {
            return SyncType.SYNC_STATUS;
        } else if (message instanceof SyncMessage.ClientHello) {
            return SyncType.CLIENT_HELLO;
        } else if (message instanceof SyncMessage.ServerHello) {
            return SyncType.SERVER_HELLO;
        } else if (message instanceof SyncMessage.DecoderRestart) {
            return SyncType.DECODER_RESTART;
        } else if (message instanceof SyncMessage.Ack) {
            return SyncType.ACK;
        } else if (message instanceof SyncMessage.Refusal) {
            return SyncType.REFUSAL;
        }
        return SyncType.KVS;
    }

    private static void write(SyncMessage message, StructWriter out) {
        if (message instanceof SyncMessage.Ping ping) {
            out.time(0, ping.sent());
            if (ping.fresh() != null) {
                out.time(1, GobTime.of(ping.fresh()));
            }
            out.uint(2, ping.position());
        } else if (message instanceof SyncMessage.Pong pong) {
            out.time(0, pong.ping());
            out.time(1, pong.pong());
        } else if (message instanceof SyncMessage.Status status) {
            out.uint(0, status.status().ordinal());
            out.uint(1, status.position());
        } else if (message instanceof SyncMessage.ClientHello hello) {
            clientHello(hello, out);
        } else if (message instanceof SyncMessage.ServerHello hello) {
            serverHello(hello, out);
        } else if (message instanceof SyncMessage.DecoderRestart restart) {
            out.string(0, restart.message());
            out.string(1, restart.compression());
        } else if (message instanceof SyncMessage.Refusal refusal) {
            out.string(0, refusal.reason());
            out.sint(1, nanos(refusal.retryAfter()));
        }
    }

    private static void clientHello(SyncMessage.ClientHello hello, StructWriter out) {
        out.string(0, hello.hostname());
        out.string(1, hello.info());
        out.string(2, hello.version());
        out.string(3, hello.syncerType());
        out.bool(4, hello.decoderRestart());
        out.strings(5, hello.compressions());
        out.bool(6, hello.modernPolicyKeys());
        out.uint(7, hello.connectionId());
        out.bool(8, hello.refusals());
        out.strings(9, hello.prefixes());
        out.uint(10, hello.resumeServer());
        out.uint(11, hello.resumePosition());
    }

    private static void serverHello(SyncMessage.ServerHello hello, StructWriter out) {
        out.string(0, hello.version());
        out.string(1, hello.syncerType());
        out.bool(2, hello.nodeResourceUpdates());
        out.uint(3, hello.connectionId());
        out.uint(4, hello.serverId());
        out.bool(5, hello.resumed());
        out.bool(6, hello.filtered());
    }

    /** As many nanoseconds as there are; the most that can be said for what is longer. */
    static long nanos(Duration duration) {
        if (duration.isZero()) {
            return 0;
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
