package io.headgate.sync.server;

import io.headgate.sync.SyncPeer;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Tells a guest what its channel does. */
final class GuestHandler extends ChannelInboundHandlerAdapter {

    private final Guests guests;
    private @Nullable Guest guest; // null until this is in a pipeline
    private boolean shaken;

    GuestHandler(Guests guests) {
        this.guests = guests;
        this.shaken = guests.spec().tls() == null;
    }

    private Guest guest() {
        return Objects.requireNonNull(guest);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        guest = guests.enter(ctx);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        ctx.channel().config().setAutoRead(true); // off since Reactor Netty
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof SyncMessage said) {
            guest().says(said);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            guest().writable();
        }
    }

    // ---- TLS

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed) {
            if (completed.isSuccess()) {
                shaken(ctx);
            } else {
                notShaken(completed.cause());
            }
        } else if (event instanceof SniCompletionEvent hello && !hello.isSuccess()) {
            notShaken(hello.cause());
        }
    }

    private void shaken(ChannelHandlerContext ctx) {
        shaken = true;
        SyncPeer expected = guests.spec().peer();
        if (expected != null && !isPeer(ctx, expected)) {
            guest().end(SyncEnd.WRONG_PEER, "certificate: of somebody else (expected: " + expected + ")");
        }
    }

    private static boolean isPeer(ChannelHandlerContext ctx, SyncPeer expected) {
        try {
            SslHandler tls = Objects.requireNonNull(ctx.pipeline().get(SslHandler.class));
            return tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate own
                    && expected.is(own);
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    private void notShaken(Throwable cause) {
        boolean late = cause instanceof SslHandshakeTimeoutException;
        guest().end(late ? SyncEnd.NO_HELLO : SyncEnd.TLS_FAILED, String.valueOf(cause.getMessage()));
    }

    // ---- the end

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (shaken) {
            guest().failed(cause);
        } else {
            notShaken(cause);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        guest().gone(); // with the channel
    }
}
