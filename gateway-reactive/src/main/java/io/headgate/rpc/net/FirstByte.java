package io.headgate.rpc.net;

import io.headgate.http.TlsInfo;
import io.headgate.rpc.Dialect;
import io.headgate.tls.internal.ServerContexts;
import io.headgate.tls.internal.ServerHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the TLS handshake of a client, if any, and for its first byte, which tells the dialect; then makes way. One that
 * speaks no dialect is told so in a line of text, and may read it before its connection is closed. Where there is one dialect
 * there is nothing to wait for, and it says itself what is wrong with a byte.
 */
final class FirstByte extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(FirstByte.class);

    /** How long somebody who was refused may take to read why. */
    private static final long FAREWELL_MILLIS = 1000;

    private final Guests guests;
    private final @Nullable ServerContexts tls;
    private final @Nullable ServerHandshake handshake;
    private @Nullable TlsInfo agreed;
    private @Nullable Future<?> timer;
    private boolean over;

    private FirstByte(Guests guests, @Nullable ServerContexts tls) {
        this.guests = guests;
        this.tls = tls;
        this.handshake = tls == null ? null : new ServerHandshake(tls);
    }

    /** Goes ahead of everything that is in the pipeline. */
    static void install(Channel channel, Guests guests, @Nullable ServerContexts tls) {
        FirstByte first = new FirstByte(guests, tls);
        ChannelPipeline pipeline = channel.pipeline().addFirst(first);
        if (first.handshake != null) {
            pipeline.addFirst(first.handshake);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        ctx.channel().config().setAutoRead(true); // off since Reactor Netty; later on it is the dialect's
        if (handshake == null) {
            expect(ctx);
        }
    }

    private void expect(ChannelHandlerContext ctx) {
        if (guests.spec().dialects().size() == 1) {
            makeWay(ctx, guests.spec().dialects().get(0));
            return;
        }
        long millis = guests.spec().firstByte().toMillis();
        timer = ctx.executor().schedule(() -> silent(ctx, millis), millis, TimeUnit.MILLISECONDS);
    }

    private void silent(ChannelHandlerContext ctx, long millis) {
        if (!over) {
            over = true;
            guests.stranger(ctx.channel(), "no byte in " + millis + " ms");
            ctx.close();
        }
    }

    // ---- TLS

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed) {
            if (completed.isSuccess()) {
                shaken(ctx);
            } else {
                failed(ctx, completed.cause());
            }
        } else if (event instanceof SniCompletionEvent hello && !hello.isSuccess()) {
            failed(ctx, hello.cause());
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void shaken(ChannelHandlerContext ctx) {
        SslHandler handler = ctx.pipeline().get(SslHandler.class);
        if (tls != null && handshake != null && handler != null) {
            tls.handshakes().increment();
            agreed = handshake.agreed(handler.engine().getSession());
            expect(ctx);
        }
    }

    private void failed(ChannelHandlerContext ctx, Throwable cause) {
        if (!over) {
            over = true;
            if (tls != null) {
                tls.failedHandshakes().increment();
            }
            LOG.debug("TLS handshake of client {} failed", ctx.channel(), cause);
            ctx.close();
        }
    }

    // ---- the byte

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (over || !(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            ReferenceCountUtil.release(message);
            return;
        }
        cancelTimer();
        int first = bytes.getUnsignedByte(bytes.readerIndex());
        Dialect dialect = dialectOf(first);
        if (dialect == null) {
            over = true;
            bytes.release();
            refuse(ctx, first);
            return;
        }
        makeWay(ctx, dialect);
        ctx.fireChannelRead(bytes);
    }

    private void makeWay(ChannelHandlerContext ctx, Dialect dialect) {
        over = true;
        guests.known(ctx.channel(), dialect, agreed);
        ctx.pipeline().remove(this);
    }

    private @Nullable Dialect dialectOf(int first) {
        for (Dialect dialect : guests.spec().dialects()) {
            if (dialect.beginsWith(first)) {
                return dialect;
            }
        }
        return null;
    }

    private void refuse(ChannelHandlerContext ctx, int first) {
        String known = guests.spec().dialects().stream().map(Dialect::name).collect(Collectors.joining(", "));
        String why = String.format("first byte: 0x%02x (expected: that of %s)", first, known);
        guests.stranger(ctx.channel(), why);
        ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), "headgate RPC: " + why + "\n"))
                .addListener(written -> farewell(ctx));
    }

    /** To close at once would reset the connection while bytes of the client are unread, and the line would be lost. */
    private void farewell(ChannelHandlerContext ctx) {
        SslHandler handler = ctx.pipeline().get(SslHandler.class);
        if (handler != null) {
            handler.closeOutbound(); // whoever reads it closes
        } else if (ctx.channel() instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        } else {
            ctx.close();
            return;
        }
        timer = ctx.executor().schedule(() -> ctx.close(), FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    }

    // ---- the end

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over = true;
        cancelTimer();
        ctx.fireChannelInactive();
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (handshake != null && agreed == null) {
            failed(ctx, cause);
        } else {
            LOG.debug("client {} failed before its first byte", ctx.channel(), cause);
            ctx.close();
        }
    }
}
