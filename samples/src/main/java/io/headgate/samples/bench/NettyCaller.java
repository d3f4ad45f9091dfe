package io.headgate.samples.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.CountDownLatch;

/** The asking end of {@link NettyContender}. */
final class NettyCaller implements Contender.Caller {

    private final Channel channel;
    private final ChannelHandlerContext context;
    private final NettyPeer.Asking asking;

    NettyCaller(Channel channel) {
        this.channel = channel;
        this.context = channel.pipeline().context(NettyPeer.Asking.class);
        this.asking = (NettyPeer.Asking) context.handler();
    }

    @Override
    public void download(Download what) {
        CountDownLatch done = new CountDownLatch(1);
        channel.eventLoop().execute(() -> {
            asking.download(what.bytes(), done::countDown);
            send(what);
        });
        Waiting.until(done, "end of the download");
        what.check(asking.received());
    }

    private void send(Download what) {
        ByteBuf order = channel.alloc()
                .directBuffer()
                .writeInt(1 + Download.ENCODED)
                .writeByte(NettyPeer.DOWNLOAD)
                .writeBytes(what.encode());
        channel.writeAndFlush(order);
    }

    @Override
    public void stall(Download what) {
        CountDownLatch begun = new CountDownLatch(1);
        channel.eventLoop().execute(() -> {
            asking.onBytes(() -> {
                channel.config().setAutoRead(false);
                begun.countDown();
            });
            asking.download(what.bytes(), () -> {});
            send(what);
        });
        Waiting.until(begun, "first bytes of the download");
    }

    @Override
    public void run(Calls calls) {
        channel.eventLoop().execute(() -> {
            channel.pipeline().addFirst(NettyPeer.FRAMES, NettyPeer.frames());
            asking.calls(calls);
            calls.start(() -> asking.call(context));
        });
        calls.await();
        channel.eventLoop()
                .submit(() -> {
                    asking.calls(null);
                    channel.pipeline().remove(NettyPeer.FRAMES);
                })
                .syncUninterruptibly();
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }
}
