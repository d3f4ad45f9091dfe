package io.headgate.rpc.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpResources;

/** Netty's channels within this process, on the event loops of Reactor Netty, which has no servers for them. */
final class LocalChannels {

    private LocalChannels() {}

    private static LoopResources orShared(@Nullable LoopResources loops) {
        return loops == null ? TcpResources.get() : loops;
    }

    static Mono<Channel> listen(RpcServerSpec spec, Guests guests) {
        return Mono.create(sink -> {
            EventLoopGroup group = orShared(spec.loops()).onServer(true);
            ChannelFuture bound = new ServerBootstrap()
                    .group(group)
                    .channel(LocalServerChannel.class)
                    .childHandler(initializer(guests::arrived))
                    .bind(new LocalAddress(spec.address().host()));
            emit(bound, sink, failure -> Bound.notBound(spec.address(), failure));
        });
    }

    static Mono<Channel> connect(RpcClientSpec spec, Consumer<Channel> init) {
        return Mono.create(sink -> {
            EventLoopGroup group = orShared(spec.loops()).onClient(true);
            ChannelFuture connected = new Bootstrap()
                    .group(group)
                    .channel(LocalChannel.class)
                    .handler(initializer(init))
                    .connect(new LocalAddress(spec.address().host()));
            emit(connected, sink, failure -> failure);
        });
    }

    private static ChannelInitializer<Channel> initializer(Consumer<Channel> init) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                init.accept(channel);
            }
        };
    }

    private static void emit(
            ChannelFuture opening, MonoSink<Channel> sink, java.util.function.UnaryOperator<Throwable> failed) {
        sink.onCancel(() -> opening.channel().close());
        opening.addListener(done -> {
            Throwable cause = done.cause();
            if (cause == null) {
                sink.success(opening.channel());
            } else {
                sink.error(failed.apply(cause));
            }
        });
    }
}
