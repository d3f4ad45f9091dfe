package io.headgate.sync.acceptance;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncDecoder;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** One of many clients: keeps a word for each key, and from these a checksum that any order of updates leads to. */
final class CrowdClient extends ByteToMessageDecoder {

    /** Keys of the set are numbers below this. */
    static final int KEYS = 300;

    /** The key that is told last; its value counts the rounds. */
    static final String END = "/end";

    private static final SyncEncoder ENCODER = SyncEncoder.client(Generation.TODAY);

    private final CrowdClients crowd;
    private final SyncDecoder decoder = SyncDecoder.client(GobLimits.CLIENT);
    private final long[] words = new long[KEYS];
    private long sum;
    private volatile boolean inSync;
    private volatile ByteString end = ByteString.EMPTY;
    private volatile long sumAtEnd;
    private volatile ChannelHandlerContext context;

    CrowdClient(CrowdClients crowd) {
        this.crowd = crowd;
    }

    static int number(String key) {
        return Integer.parseInt(key.substring(key.lastIndexOf('-') + 1));
    }

    /** What an entry adds to the checksum; without a value, nothing. */
    static long word(int number, ByteString value) {
        if (value == null) {
            return 0;
        }
        long mixed = (value.hashCode() * 0x9E3779B97F4A7C15L) ^ (number + 1) * 0xC2B2AE3D27D4EB4FL;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
        return mixed ^ mixed >>> 32;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        this.context = context;
        ByteBuf hello = context.alloc().buffer();
        hello.writeBytes(ENCODER.preamble());
        ENCODER.encode(RawClient.hello(), hello);
        context.writeAndFlush(hello);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        for (SyncMessage message = decoder.decode(in); message != null; message = decoder.decode(in)) {
            if (message instanceof SyncMessage.Kvs kvs) {
                kvs.updates().forEach(this::apply);
            } else if (message instanceof SyncMessage.Ping ping) {
                ByteBuf pong = context.alloc().buffer();
                ENCODER.encode(new SyncMessage.Pong(ping.sent()), pong);
                context.writeAndFlush(pong);
            } else if (message instanceof SyncMessage.Status status && status.status() == SyncStatus.IN_SYNC) {
                inSync = true;
            }
        }
    }

    private void apply(SyncUpdate update) {
        if (update.key().equals(END)) {
            sumAtEnd = sum;
            end = update.value();
            return;
        }
        int number = number(update.key());
        sum ^= words[number];
        words[number] = word(number, update.value());
        sum ^= words[number];
    }

    boolean isInSync() {
        return inSync;
    }

    boolean hasEnd(ByteString value) {
        return end.equals(value);
    }

    long sumAtEnd() {
        return sumAtEnd;
    }

    void close() {
        ChannelHandlerContext known = context;
        if (known != null) {
            known.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        crowd.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        crowd.failed(cause);
        context.close();
    }
}
