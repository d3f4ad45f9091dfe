package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** On a pipe in memory, which has no half close. */
class ZreplLocalTest {

    private final LeakTrackingAllocator alloc = LeakTrackingAllocator.create();

    @Test
    void d11AStreamThatEndsWithAnEmptyFrameEndsAndTheCloseIsClean() {
        DefaultEventLoopGroup loops = new DefaultEventLoopGroup(2);
        CompletableFuture<RpcConnection> accepted = new CompletableFuture<>();
        CompletableFuture<RpcConnection> connected = new CompletableFuture<>();
        LocalAddress address = new LocalAddress(getClass());
        RpcSpec echo =
                RpcSpec.DEFAULTS.withHandler(request -> Mono.just(RpcReply.of(request.content(), request.body())));
        new ServerBootstrap()
                .group(loops)
                .channel(LocalServerChannel.class)
                .childOption(ChannelOption.ALLOCATOR, alloc)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.complete(ZreplWire.DIALECT.connect(channel, Side.ACCEPTOR, echo));
                    }
                })
                .bind(address)
                .syncUninterruptibly();
        new Bootstrap()
                .group(loops)
                .channel(LocalChannel.class)
                .option(ChannelOption.ALLOCATOR, alloc)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connected.complete(ZreplWire.DIALECT.connect(channel, Side.INITIATOR, RpcSpec.DEFAULTS));
                    }
                })
                .connect(address)
                .syncUninterruptibly();
        RpcConnection caller = connected.join();
        for (int i = 0; i < 3; i++) {
            Flux<io.netty.buffer.ByteBuf> source =
                    Flux.range(0, 4).map(part -> alloc.heapBuffer(1 << 20).writeZero(1 << 20));
            Integer length = caller.call(RpcRequest.of("echo", Content.OCTETS, Content.OCTETS, Body.of(source)))
                    .flatMapMany(RpcReply::body)
                    .map(part -> {
                        int bytes = part.readableBytes();
                        part.release();
                        return bytes;
                    })
                    .reduce(0, Integer::sum)
                    .block(Loopback.SOON);
            assertThat(length).isEqualTo(4 << 20);
        }
        caller.closeAsync(Duration.ofSeconds(1)).block(Loopback.SOON);
        assertThat(Loopback.end(caller).kind()).isEqualTo(Ending.Kind.CLEAN);
        assertThat(Loopback.end(accepted.join()).kind()).isEqualTo(Ending.Kind.CLEAN);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        alloc.assertNoLeaks();
    }
}
