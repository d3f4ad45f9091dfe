package io.headgate.gateway;

import io.headgate.mux.ConnectionObserver;
import io.headgate.mux.internal.BackConnection;
import io.headgate.mux.internal.Pool;
import io.headgate.mux.internal.h1.H1Back;
import io.headgate.mux.internal.h2.H2Back;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.tls.internal.ClientContext;
import io.headgate.tls.internal.ClosingAlert;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect to an upstream, up to where exchanges can start: the connection of TCP, the handshake of TLS, the
 * SETTINGS of HTTP/2, all within one deadline. Says how it ended exactly once.
 */
final class Dial extends ChannelInitializer<Channel> {

    private final Endpoint endpoint;
    private final Pool pool;
    private final @Nullable ClientContext tls;
    private final ConnectionObserver observer;
    private final Consumer<Throwable> failed;
    private @Nullable SslContext context;
    private @Nullable Channel channel;
    private @Nullable BackConnection connection;
    private @Nullable Future<?> deadline;
    private String awaited = "connection";
    private boolean done;

    Dial(
            Endpoint endpoint,
            Pool pool,
            @Nullable ClientContext tls,
            ConnectionObserver observer,
            Consumer<Throwable> failed) {
        this.observer = observer;
        this.endpoint = endpoint;
        this.pool = pool;
        this.tls = tls;
        this.failed = failed;
    }

    /** Starts; called on the loop of the pool. */
    void start(Bootstrap client) {
        if (tls == null) {
            connect(client);
            return;
        }
        tls.ready()
                .subscribe(
                        ready -> pool.loop().run(() -> {
                            context = ready;
                            connect(client);
                        }),
                        failure -> pool.loop().run(() -> fail("TLS: " + failure.getMessage(), failure)));
    }

    private void connect(Bootstrap client) {
        if (tls != null || isMultiplexed()) {
            deadline = pool.loop()
                    .executor()
                    .schedule(this::timedOut, pool.settings().connect().toMillis(), TimeUnit.MILLISECONDS);
        }
        client.handler(this)
                .connect(endpoint.address())
                // A socket that cannot even be opened belongs to no loop, and its failure is told on a thread of
                // Netty's.
                .addListener(done -> pool.loop().run(() -> connected(done)));
    }

    private boolean isMultiplexed() {
        return endpoint.protocol() == Protocol.HTTP_2;
    }

    @Override
    protected void initChannel(Channel created) {
        channel = created;
        ObservedConnection.install(created.pipeline(), observer, endpoint, tls != null);
        if (tls == null || context == null) {
            speak(created);
            return;
        }
        created.pipeline()
                .addLast("tls", withoutTimeout(tls.handler(context, created.alloc())))
                .addLast("closing-alert", ClosingAlert.ofUpstream())
                .addLast("handshake", new Handshake());
    }

    private static SslHandler withoutTimeout(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(0); // the deadline of the dial covers it
        return handler;
    }

    private void speak(Channel on) {
        connection = isMultiplexed()
                ? H2Back.install(on.pipeline(), pool, this::ready)
                : H1Back.install(on.pipeline(), pool);
    }

    private void connected(Future<? super Void> connecting) {
        Channel opened = channel;
        if (!connecting.isSuccess() || opened == null) {
            fail("", connecting.cause());
        } else if (tls == null && !isMultiplexed()) {
            ready();
        } else {
            awaited = tls == null ? "SETTINGS" : "TLS handshake";
            opened.closeFuture().addListener(closed -> fail("closed before its " + awaited + hint(), null));
        }
    }

    private String hint() {
        return awaited.equals("SETTINGS") ? "; does it speak HTTP/2?" : "";
    }

    private void ready() {
        if (!done && connection != null) {
            end();
            pool.connected(connection);
        }
    }

    private void timedOut() {
        fail("no " + awaited + " in time" + hint(), null);
        if (channel != null) {
            channel.close();
        }
    }

    private void fail(String why, @Nullable Throwable cause) {
        if (!done) {
            end();
            String reason = why.isEmpty() ? "" : ": " + why;
            IOException failure = new IOException("no connection to " + endpoint + reason, cause);
            failed.accept(failure);
            pool.dialFailed(failure);
        }
    }

    private void end() {
        done = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    /** Waits for the handshake; no byte of a request is written before the upstream has been verified. */
    private final class Handshake extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent completed)) {
                return;
            }
            if (!completed.isSuccess()) {
                refuse(ctx, "TLS handshake: " + rootMessage(completed.cause()), completed.cause());
                return;
            }
            SslHandler handler = ctx.pipeline().get(SslHandler.class);
            String stranger = tls == null ? null : tls.stranger(handler);
            if (stranger != null) {
                refuse(ctx, "TLS identity: " + stranger, null);
                return;
            }
            String selected = handler.applicationProtocol();
            if (isMultiplexed() && !ApplicationProtocolNames.HTTP_2.equals(selected)) {
                refuse(ctx, "ALPN: " + (selected == null ? "nothing" : selected) + " selected (expected: h2)", null);
                return;
            }
            awaited = "SETTINGS";
            speak(ctx.channel());
            ctx.pipeline().remove(this);
            if (!isMultiplexed()) {
                ready();
            }
        }

        private void refuse(ChannelHandlerContext ctx, String why, @Nullable Throwable cause) {
            fail(why, cause);
            ctx.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            refuse(ctx, "TLS handshake: " + rootMessage(cause), cause);
        }

        private static String rootMessage(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null && root.getCause() != root) {
                root = root.getCause();
            }
            return String.valueOf(root.getMessage());
        }
    }
}
