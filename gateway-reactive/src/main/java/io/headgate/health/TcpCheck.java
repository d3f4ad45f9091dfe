package io.headgate.health;

import io.headgate.resolve.Endpoint;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import java.util.Objects;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Connects to an endpoint and closes the connection at once: it is well when that is possible. It shows that a process listens, and no
 * more.
 *
 * <p><b>Threading.</b> Connects on the event loops that it was given; they stay the caller's to close.
 */
public final class TcpCheck implements HealthCheck {

    private final Bootstrap bootstrap;

    private TcpCheck(Bootstrap bootstrap) {
        this.bootstrap = bootstrap;
    }

    /**
     * Connects to endpoints with resolved addresses.
     *
     * @param group the event loops
     * @param channel the class of channels that go with them, for example {@link io.netty.channel.socket.nio.NioSocketChannel}
     * @return the check
     */
    public static TcpCheck on(EventLoopGroup group, Class<? extends Channel> channel) {
        return on(group, channel, NoopAddressResolverGroup.INSTANCE);
    }

    /**
     * Connects to any endpoints.
     *
     * @param group the event loops
     * @param channel the class of channels that go with them
     * @param resolver looks up addresses that are not resolved, without blocking; stays the caller's to close
     * @return the check
     */
    public static TcpCheck on(
            EventLoopGroup group, Class<? extends Channel> channel, AddressResolverGroup<?> resolver) {
        Bootstrap bootstrap = new Bootstrap()
                .group(Objects.requireNonNull(group, "group"))
                .channel(Objects.requireNonNull(channel, "channel"))
                .resolver(Objects.requireNonNull(resolver, "resolver"))
                .option(ChannelOption.AUTO_READ, false)
                .handler(new Nothing());
        return new TcpCheck(bootstrap);
    }

    @Override
    public Mono<Health> check(Endpoint endpoint) {
        return Mono.create(sink -> connect(endpoint, sink));
    }

    private void connect(Endpoint endpoint, MonoSink<Health> sink) {
        ChannelFuture connecting = bootstrap.connect(endpoint.address());
        sink.onCancel(() -> connecting.cancel(false));
        connecting.addListener(connected -> {
            connecting.channel().close();
            sink.success(
                    connected.isSuccess()
                            ? Health.HEALTHY
                            : Health.unhealthy("connection to " + endpoint + ": " + connected.cause()));
        });
    }

    /** A channel wants a handler. */
    private static final class Nothing extends ChannelInboundHandlerAdapter {

        @Override
        public boolean isSharable() {
            return true;
        }
    }
}
