package io.headgate.gateway;

import io.headgate.mux.ConnectionObserver;
import io.headgate.resolve.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells an observer what passes a socket: the handler next to it. */
final class ObservedConnection extends ChannelDuplexHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ObservedConnection.class);

    private final ConnectionObserver observer;
    private final @Nullable Endpoint upstream;
    private final boolean secure;
    private ConnectionObserver.@Nullable Watch watch;
    private @Nullable Throwable failure;

    private ObservedConnection(ConnectionObserver observer, @Nullable Endpoint upstream, boolean secure) {
        this.observer = observer;
        this.upstream = upstream;
        this.secure = secure;
    }

    /** Observes a connection that is not active yet, if anybody wants to know. */
    static void install(
            ChannelPipeline pipeline, ConnectionObserver observer, @Nullable Endpoint upstream, boolean secure) {
        if (observer != ConnectionObserver.NONE) {
            pipeline.addFirst("observed", new ObservedConnection(observer, upstream, secure));
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        try {
            watch = observer.opened(upstream, secure);
        } catch (RuntimeException e) {
            LOG.error("connection observer failed for {}", ctx.channel(), e);
        }
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ConnectionObserver.Watch told = watch;
        if (told != null && message instanceof ByteBuf bytes) {
            try {
                told.onRead(bytes.readableBytes());
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ConnectionObserver.Watch told = watch;
        if (told != null && message instanceof ByteBuf bytes) {
            try {
                told.onWritten(bytes.readableBytes());
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        ctx.write(message, promise);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failure = cause;
        ctx.fireExceptionCaught(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ConnectionObserver.Watch told = watch;
        watch = null;
        if (told != null) {
            try {
                told.onClose(failure);
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        ctx.fireChannelInactive();
    }

    private void failed(RuntimeException e) {
        LOG.error("watch of a connection {} failed", upstream == null ? "of a client" : "to " + upstream, e);
    }
}
