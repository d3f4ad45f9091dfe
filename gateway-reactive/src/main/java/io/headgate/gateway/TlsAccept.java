package io.headgate.gateway;

import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.FrontTls;
import io.headgate.mux.internal.h1.H1Front;
import io.headgate.mux.internal.h2.H2Front;
import io.headgate.tls.internal.ClosingAlert;
import io.headgate.tls.internal.ServerContexts;
import io.headgate.tls.internal.ServerHandshake;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the TLS handshake of a client, makes the pipeline speak what was agreed by ALPN (RFC 7301), HTTP/1.1 when nothing
 * was, and steps aside. A handshake that fails is counted and its connection closed.
 */
final class TlsAccept extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(TlsAccept.class);

    private final FrontContext context;
    private final ServerContexts contexts;
    private final ServerHandshake handshake;
    private boolean ended;

    private TlsAccept(FrontContext context, ServerContexts contexts) {
        this.context = context;
        this.contexts = contexts;
        this.handshake = new ServerHandshake(contexts);
    }

    static void install(ChannelPipeline pipeline, FrontContext context, ServerContexts contexts) {
        TlsAccept accept = new TlsAccept(context, contexts);
        pipeline.addLast("hello", accept.handshake)
                .addLast("closing-alert", ClosingAlert.ofClient())
                .addLast("handshake", accept);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed) {
            if (completed.isSuccess()) {
                succeeded(ctx);
            } else {
                failed(ctx, completed.cause());
            }
        } else if (event instanceof SniCompletionEvent hello && !hello.isSuccess()) {
            failed(ctx, hello.cause());
        }
    }

    private void succeeded(ChannelHandlerContext ctx) {
        ended = true;
        contexts.handshakes().increment();
        SslHandler handler = ctx.pipeline().get(SslHandler.class);
        FrontTls tls = new FrontTls(handshake.agreed(handler.engine().getSession()), handshake.authorities());
        if (ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
            H2Front.install(ctx.pipeline(), context, tls);
        } else {
            H1Front.install(ctx.pipeline(), context, tls);
        }
        ctx.pipeline().remove(this);
    }

    private void failed(ChannelHandlerContext ctx, Throwable cause) {
        if (!ended) {
            ended = true;
            contexts.failedHandshakes().increment();
            LOG.debug("TLS handshake of client connection {} failed", ctx.channel(), cause);
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(ctx, cause);
    }
}
