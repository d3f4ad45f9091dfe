package io.headgate.rpc.net;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.ErrorText;
import io.headgate.tls.internal.ClientContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;
import reactor.netty.tcp.TcpClient;

/** One attempt to connect, up to where calls can be made, all within one deadline. Says how it ended exactly once. */
final class Dial {

    /** What is offered by ALPN, for whoever stands between and routes by it; nobody has to choose it. */
    static final String PROTOCOL = "headgate-rpc";

    /** Of the cause of a failure: TLS quotes all that it could not read. */
    private static final int MAX_TEXT = 200;

    private final RpcClientSpec spec;
    private final MonoSink<RpcConnection> sink;
    private final AtomicBoolean done = new AtomicBoolean();
    private final Disposable.Composite work = Disposables.composite();
    private final @Nullable ClientContext tls;
    private @Nullable SslContext context;
    private volatile String awaited = "connection";
    private volatile @Nullable RpcConnection connection;
    private volatile @Nullable Channel opened;

    private Dial(RpcClientSpec spec, ClientContext.@Nullable Shared tls, MonoSink<RpcConnection> sink) {
        this.spec = spec;
        this.sink = sink;
        RpcAddress address = spec.address();
        this.tls = tls == null ? null : tls.toHost(address.host(), address.port());
    }

    /** An attempt for each subscription; cancelling it before its end leaves nothing behind. */
    static Mono<RpcConnection> of(RpcClientSpec spec, ClientContext.@Nullable Shared tls) {
        return Mono.create(sink -> new Dial(spec, tls, sink).start());
    }

    private void start() {
        sink.onDispose(() -> end(null));
        work.add(Schedulers.parallel()
                .schedule(
                        () -> end("no " + awaited + " in time (expected: within " + spec.connectTimeout() + ")"),
                        spec.connectTimeout().toMillis(),
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
                        failure -> end("TLS: " + failure.getMessage())));
    }

    private void connect() {
        RpcAddress address = spec.address();
        Mono<?> connecting = switch (address.scheme()) {
            case TCP, TLS ->
                sockets(InetSocketAddress.createUnresolved(address.host(), address.port()))
                        .connect();
            case UNIX -> sockets(new DomainSocketAddress(address.host())).connect();
            // The other side speaks at once, and its bytes may be there before anybody is told that the channel is.
            case LOCAL -> LocalChannels.connect(spec, this::channelOpened);
        };
        work.add(connecting.subscribe(channel -> {}, failure -> end(message(failure))));
    }

    private TcpClient sockets(SocketAddress to) {
        TcpClient client = TcpClient.newConnection()
                .remoteAddress(() -> to)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        spec.connectTimeout().toMillis())
                .doOnChannelInit((observer, channel, remote) -> init(channel))
                .doOnConnected(connected -> {
                    Bridge.remove(connected);
                    channelOpened(connected.channel());
                });
        for (Map.Entry<ChannelOption<?>, Object> option : Options.of(to).entrySet()) {
            client = withOption(client, option.getKey(), option.getValue());
        }
        return spec.loops() == null ? client : client.runOn(spec.loops());
    }

    @SuppressWarnings("unchecked") // the map has values of its keys
    private static <T> TcpClient withOption(TcpClient client, ChannelOption<?> key, T value) {
        return client.option((ChannelOption<T>) key, value);
    }

    // ---- on the event loop

    private void init(Channel channel) {
        Options.keepAlive(channel);
        if (tls != null && context != null) {
            SslHandler handler = tls.handler(context, channel.alloc());
            handler.setHandshakeTimeoutMillis(0); // the deadline of the dial covers it
            channel.pipeline().addFirst(new Handshake()).addFirst(handler);
        }
    }

    private void channelOpened(Channel channel) {
        opened = channel;
        if (done.get()) {
            channel.close();
        } else if (channel.eventLoop().inEventLoop()) {
            spoken(channel);
        } else {
            channel.eventLoop().execute(() -> spoken(channel));
        }
    }

    private void spoken(Channel channel) {
        Options.fit(channel, spec.address().scheme());
        channel.config().setAutoRead(true); // off since Reactor Netty; from here on it is the dialect's
        if (tls == null) {
            speak(channel);
        } else {
            awaited = "TLS handshake";
        }
    }

    private void speak(Channel channel) {
        awaited = "handshake of " + spec.dialect().name();
        if (spec.address().scheme() == RpcAddress.Scheme.LOCAL) {
            Introduction introduction = new Introduction(spec.dialect(), spec.rpc());
            channel.pipeline().addLast(new Visitor(introduction, this::made, this::end));
        } else {
            made(spec.dialect().connect(channel, Dialect.Side.INITIATOR, spec.rpc()));
        }
    }

    private void made(RpcConnection made) {
        connection = made;
        if (done.get()) {
            made.abort("nobody wants it any more");
            return;
        }
        made.opened().subscribe(nothing -> {}, this::fail, () -> succeed(made));
    }

    // ---- the end

    private void succeed(RpcConnection made) {
        if (done.compareAndSet(false, true)) {
            sink.success(made);
            work.dispose();
        }
    }

    private void fail(Throwable failure) {
        if (failure instanceof RpcException told && done.compareAndSet(false, true)) {
            sink.error(RpcException.refused(told.rpcStatus(), spec.address() + ": " + told.getMessage()));
            work.dispose();
        } else {
            end(message(failure));
        }
    }

    /** Gives up; without a reason when nobody listens. */
    private void end(@Nullable String why) {
        if (!done.compareAndSet(false, true)) {
            return;
        }
        if (why != null) {
            sink.error(RpcException.refused(RpcStatus.UNAVAILABLE, spec.address() + ": " + why));
        }
        work.dispose();
        RpcConnection made = connection;
        Channel channel = opened;
        if (made != null) {
            made.abort(why == null ? "cancelled before it was open" : why);
        } else if (channel != null) {
            channel.close();
        }
    }

    private static String message(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : ErrorText.cut(root.getMessage(), MAX_TEXT);
    }

    /** No byte of a call is written before the server has been verified. */
    private final class Handshake extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof SslHandshakeCompletionEvent completed)) {
                ctx.fireUserEventTriggered(event);
                return;
            }
            if (completed.isSuccess()) {
                speak(ctx.channel());
                ctx.pipeline().remove(this);
            } else {
                refuse(ctx, completed.cause());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end("closed before its TLS handshake (expected: does it speak TLS?)");
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            refuse(ctx, cause);
        }

        private void refuse(ChannelHandlerContext ctx, Throwable cause) {
            end("TLS handshake: " + message(cause));
            ctx.close();
        }
    }
}
