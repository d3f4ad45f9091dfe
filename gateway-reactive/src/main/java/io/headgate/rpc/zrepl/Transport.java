package io.headgate.rpc.zrepl;

import io.headgate.rpc.internal.Mailbox;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a connection needs of its channel, whatever kind of channel it is. */
final class Transport {

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    private static final int FIRST_READ = 2048;

    /**
     * Without auto-read Netty reads once per turn; streams get by with fewer turns when a read may be longer than 64 KiB. Still
     * longer ones leave the caches of the processor.
     */
    private static final int LARGEST_READ = 128 * 1024;

    private final Channel channel;

    Transport(Channel channel) {
        this.channel = channel;
    }

    /** Reading follows demand; the end of the other side's bytes is not the end of ours. */
    void configure() {
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(64, FIRST_READ, LARGEST_READ));
        try {
            config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            config.setOption(ChannelOption.SO_KEEPALIVE, true);
        } catch (ChannelException e) {
            LOG.debug("{} is closed already", channel, e);
        }
    }

    /** Runs after what is under way; when the event loop has ended, whoever runs what is left for it runs this as well. */
    void later(Runnable task, Mailbox otherwise) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            otherwise.post(task);
        }
    }

    /** Runs when that time has passed, unless the event loop has ended: then there is nothing left that has a time. */
    void after(Duration time, Runnable task) {
        try {
            channel.eventLoop().schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("event loop of {} has ended", channel, e);
        }
    }

    long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    boolean isActive() {
        return channel.isActive();
    }

    void close() {
        channel.close();
    }

    boolean canHalfClose() {
        return channel instanceof DuplexChannel;
    }

    /** No more bytes of this side: the other one sees an end and can still send. */
    void halfClose() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else if (channel instanceof DuplexChannel duplex && channel.isActive()) {
            duplex.shutdownOutput();
        }
    }
}
