package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import io.headgate.tls.internal.ClientContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.TcpClient;

/**
 * One connection to one server, from the attempt to its end, which it tells exactly once. Up to where the protocol begins it is under
 * one deadline.
 */
final class Link implements Disposable {

    /** What is offered by ALPN, for whoever stands between and routes by it; nobody has to choose it. */
    static final String PROTOCOL = "typha";

    /** What happens on an open connection, and how it ends. */
    interface Events {

        /** The connection is open, and the server is who it must be. On the event loop. */
        void opened(Link link, Channel channel);

        /** The connection is over, or never came about. */
        void ended(Link link, Loss loss);
    }

    private final SyncClientSpec spec;
    private final Endpoint server;
    private final Events events;
    private final @Nullable ClientContext tls;
    private final AtomicBoolean done = new AtomicBoolean();
    private final Disposable.Composite work = Disposables.composite();
    private final Disposable.Swap deadline = Disposables.swap();
    private @Nullable SslContext context;
    private volatile @Nullable Channel opened;

    Link(SyncClientSpec spec, ClientContext.@Nullable Shared tls, Endpoint server, Events events) {
        this.spec = spec;
        this.server = server;
        this.events = events;
        InetSocketAddress address = server.address();
        this.tls = tls == null ? null : tls.toHost(address.getHostString(), address.getPort());
    }

    Endpoint server() {
        return server;
    }

    void start() {
        if (done.get()) {
            return;
        }
        long millis = spec.settings().connectTimeout().toMillis();
        deadline.update(spec.timer()
                .schedule(
                        () -> end(Loss.of(
                                SyncLoss.UNREACHABLE,
                                "no " + (tls == null ? "" : "TLS ") + "connection in time (expected: within "
                                        + spec.settings().connectTimeout() + ")")),
                        millis,
                        TimeUnit.MILLISECONDS));
        if (tls == null) {
            connect();
            return;
        }
        work.add(tls.ready()
                .subscribe(
                        ready -> {
                            context = ready;
                            connect();
                        },
                        failure -> end(Loss.of(SyncLoss.TLS_FAILED, failure))));
    }

    private void connect() {
        TcpClient client = TcpClient.newConnection()
                .remoteAddress(server::address)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the deadline covers it
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .doOnChannelInit((observer, channel, remote) -> init(channel))
                .doOnConnected(connected -> {
                    if (connected.channel().pipeline().get(NettyPipeline.ReactiveBridge) != null) {
                        connected.channel().pipeline().remove(NettyPipeline.ReactiveBridge); // bytes are ours
                    }
                    open(connected.channel());
                });
        client = spec.loops() == null ? client : client.runOn(spec.loops());
        work.add(client.connect().subscribe(channel -> {}, failure -> end(Loss.of(SyncLoss.UNREACHABLE, failure))));
    }

    // ---- on the event loop

    private void init(Channel channel) {
        if (tls != null && context != null) {
            SslHandler handler = tls.handler(context, channel.alloc());
            handler.setHandshakeTimeoutMillis(0); // the deadline covers it
            channel.pipeline().addFirst(new Handshake()).addFirst(handler);
        }
    }

    private void open(Channel channel) {
        opened = channel;
        if (done.get()) {
            channel.close();
        } else if (channel.eventLoop().inEventLoop()) {
            begin(channel);
        } else {
            channel.eventLoop().execute(() -> begin(channel));
        }
    }

    private void begin(Channel channel) {
        if (tls == null) {
            speak(channel);
        }
        channel.config().setAutoRead(true); // off since Reactor Netty; reading never stops from here on
    }

    private void speak(Channel channel) {
        deadline.dispose();
        if (!done.get()) {
            events.opened(this, channel);
        }
    }

    boolean isOver() {
        return done.get();
    }

    /** Ends the connection, if it has not ended yet. What an open connection says is told on its event loop, and so is its end. */
    void end(Loss loss) {
        Channel channel = opened;
        if (channel != null && !channel.eventLoop().inEventLoop()) {
            channel.eventLoop().execute(() -> end(loss));
        } else if (close()) {
            events.ended(this, loss);
        }
    }

    /** Ends the connection without a word. */
    @Override
    public void dispose() {
        close();
    }

    private boolean close() {
        if (!done.compareAndSet(false, true)) {
            return false;
        }
        deadline.dispose();
        work.dispose();
        Channel channel = opened;
        if (channel != null) {
            channel.close();
        }
        return true;
    }

    /** No byte is written before the server has been verified. */
    private final class Handshake extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent completed)) {
                ctx.fireUserEventTriggered(event);
                return;
            }
            if (!completed.isSuccess()) {
                end(Loss.of(SyncLoss.TLS_FAILED, completed.cause()));
                return;
            }
            String stranger = stranger(ctx.pipeline().get(SslHandler.class));
            if (stranger == null) {
                speak(ctx.channel());
                ctx.pipeline().remove(this);
            } else {
                end(Loss.of(SyncLoss.WRONG_PEER, stranger));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end(Loss.of(SyncLoss.TLS_FAILED, "closed before its TLS handshake (expected: does it speak TLS?)"));
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end(Loss.of(SyncLoss.TLS_FAILED, cause));
        }
    }

    /** What is wrong with the certificate of a server, or null. */
    private @Nullable String stranger(SslHandler shaken) {
        if (spec.peer() == null) {
            return null;
        }
        try {
            X509Certificate shown =
                    (X509Certificate) shaken.engine().getSession().getPeerCertificates()[0];
            return spec.peer().is(shown)
                    ? null
                    : "certificate: " + shown.getSubjectX500Principal() + " (expected: " + spec.peer() + ")";
        } catch (SSLPeerUnverifiedException none) {
            return "certificate: none (expected: " + spec.peer() + ")";
        }
    }
}
