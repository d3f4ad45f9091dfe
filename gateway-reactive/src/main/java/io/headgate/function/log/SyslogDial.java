package io.headgate.function.log;

import io.headgate.tls.internal.ClientContext;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Connects to one server, TLS and all, within one time. A promise that is cancelled leaves nothing behind. */
final class SyslogDial {

    private final SyslogNet net;
    private final SyslogUrl url;
    private final Supplier<ChannelHandler> handlers;
    private final @Nullable ClientContext tls;

    /**
     * To one server.
     *
     * @param handlers makes what looks at each connection
     */
    SyslogDial(SyslogNet net, SyslogUrl url, Supplier<ChannelHandler> handlers) {
        this.net = net;
        this.url = url;
        this.handlers = handlers;
        this.tls = url.scheme() == SyslogUrl.Scheme.TLS ? net.tls.toHost(url.place(), url.port()) : null;
    }

    Promise<Channel> open(EventLoop loop) {
        Promise<Channel> opened = loop.newPromise();
        Future<?> limit = loop.schedule(
                () -> opened.tryFailure(new IOException(
                        "no connection in time (expected: within " + net.settings.connectTimeout() + ")")),
                net.settings.connectTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
        opened.addListener(done -> limit.cancel(false));
        if (tls == null) {
            connect(loop, null, opened);
        } else {
            tls.ready().subscribe(context -> connect(loop, context, opened), opened::tryFailure);
        }
        return opened;
    }

    private void connect(EventLoop loop, @Nullable SslContext context, Promise<Channel> opened) {
        if (opened.isDone()) {
            return;
        }
        SocketAddress address = address();
        boolean isName = address instanceof InetSocketAddress host && host.isUnresolved();
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channelFactory(() -> net.channel(url.scheme()))
                .resolver(isName ? net.resolver : NoopAddressResolverGroup.INSTANCE)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        init(channel, context, opened);
                    }
                });
        if (url.scheme().isStream() && !url.scheme().isPath()) {
            bootstrap.option(ChannelOption.SO_KEEPALIVE, true).option(ChannelOption.TCP_NODELAY, true);
        }
        ChannelFuture connecting = bootstrap.connect(address);
        opened.addListener(done -> {
            if (!done.isSuccess()) {
                connecting.channel().close();
            }
        });
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                opened.tryFailure(done.cause());
            } else if (context == null) {
                opened.trySuccess(connecting.channel());
            }
        });
    }

    private void init(Channel channel, @Nullable SslContext context, Promise<Channel> opened) {
        if (tls != null && context != null) {
            SslHandler handler = tls.handler(context, channel.alloc());
            handler.setHandshakeTimeoutMillis(0); // the time of the dial covers it
            handler.handshakeFuture().addListener(done -> {
                if (done.isSuccess()) {
                    opened.trySuccess(channel);
                } else {
                    opened.tryFailure(done.cause());
                }
            });
            channel.pipeline().addLast(handler);
        }
        channel.pipeline().addLast(handlers.get());
    }

    private SocketAddress address() {
        if (url.scheme().isPath()) {
            return new DomainSocketAddress(url.place());
        }
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(url.place());
        return literal == null
                ? InetSocketAddress.createUnresolved(url.place(), url.port())
                : new InetSocketAddress(literal, url.port());
    }
}
