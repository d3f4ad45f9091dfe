package io.headgate.tls.internal;

import io.headgate.http.TlsInfo;
import io.headgate.tls.ServerTls;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ClientHello of a connection, up to its bound, chooses the certificate by the name in it and makes way for the
 * handler of the handshake, which has what is left of the deadline.
 */
public final class ServerHandshake extends AbstractSniHandler<Served> {

    private final ServerContexts contexts;
    private final long deadline;
    private @Nullable Served served;
    private @Nullable String serverName;

    public ServerHandshake(ServerContexts contexts) {
        super(
                contexts.tls().maxClientHello(),
                Math.max(1, contexts.tls().handshakeTimeout().toMillis()));
        this.contexts = contexts;
        this.deadline = System.nanoTime() + contexts.tls().handshakeTimeout().toNanos();
    }

    @Override
    protected Future<Served> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
        return ctx.executor().newSucceededFuture(contexts.select(hostname));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, @Nullable String hostname, Future<Served> found) {
        Served chosen = found.getNow();
        served = chosen;
        serverName = hostname;
        SslHandler handler = chosen.context().newHandler(ctx.alloc());
        boolean inserted = false;
        try {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            handler.setHandshakeTimeoutMillis(Math.max(1, left));
            ctx.pipeline().replace(this, "tls", handler);
            inserted = true;
        } finally {
            if (!inserted) {
                ReferenceCountUtil.safeRelease(handler.engine());
            }
        }
    }

    /** What was agreed, once it is. */
    public TlsInfo agreed(SSLSession session) {
        return TlsInfo.of(session.getProtocol(), session.getCipherSuite(), serverName, peer(session));
    }

    private List<X509Certificate> peer(SSLSession session) {
        if (contexts.tls().clientAuth() == ServerTls.ClientAuth.NONE) {
            return List.of();
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (java.security.cert.Certificate certificate : session.getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            return chain;
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // it was not required
        }
    }

    /** The authorities that the served certificate stands for; null when that is not to be checked. */
    public @Nullable Predicate<String> authorities() {
        return contexts.tls().checksAuthority() ? Objects.requireNonNull(served).credential()::covers : null;
    }
}
