package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.wire.HeadgateWire;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Our own wire on TCP, whose socket is closed under it in the middle of frames, at whatever byte that happens to be. */
class ResumeOverTcpTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int SIZE = 3_000_000;
    private static final OctetFiles FILES = OctetFiles.DEFAULTS.withChunk(64 * 1024);
    private static final Resume RESUME = Resume.DEFAULTS
            .withBackoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20)))
            .withChecksum(Checksum.SHA256);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong read = new AtomicLong();
    private final byte[] content = Bytes.some(new Random(1), SIZE);
    private @Nullable Channel server;
    private @Nullable Channel channel; // guarded by this
    private @Nullable RpcConnection connection; // guarded by this

    @TempDir
    Path folder;

    /** Closes the socket of a connection each time that so many bytes have come in, four times. */
    private final class Cutter implements RpcObserver {

        private final Channel channel;
        private long left = 534_567;

        Cutter(Channel channel) {
            this.channel = channel;
        }

        @Override
        public void onBytes(RpcConnection where, boolean inbound, ByteBuf bytes) {
            read.addAndGet(bytes.readableBytes());
            left -= inbound ? bytes.readableBytes() : 0;
            if (left < 0 && connections.get() <= 4) {
                channel.close();
            }
        }
    }

    @BeforeEach
    void serve() throws Exception {
        Files.write(folder.resolve("source"), content);
        Service<RpcRequest, RpcReply> handler = request -> request.endpoint().equals("get")
                ? Mono.just(RpcReply.of(Content.OCTETS, FILES.body(folder.resolve("source"))))
                : FILES.write(folder.resolve("stored"), 0, request.body())
                        .map(size -> RpcReply.of(Content.JSON, Body.utf8(String.valueOf(size))));
        RpcSpec spec = RpcSpec.DEFAULTS.withHandler(Resume.offers()
                .andThen(Resume.takes(FileSpool.of(folder, SIZE, FILES)))
                .apply(handler));
        server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(initializer(channel -> HeadgateWire.DIALECT.connect(
                        channel, Dialect.Side.ACCEPTOR, spec.withObserver(new Cutter(channel)))))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static ChannelInitializer<Channel> initializer(java.util.function.Consumer<Channel> init) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                init.accept(channel);
            }
        };
    }

    private synchronized Mono<RpcReply> call(RpcRequest request) {
        if (channel == null || !channel.isActive()) {
            connections.incrementAndGet();
            channel = new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(initializer(made -> connection = HeadgateWire.DIALECT.connect(
                            made, Dialect.Side.INITIATOR, RpcSpec.DEFAULTS.withObserver(new Cutter(made)))))
                    .connect(server.localAddress())
                    .syncUninterruptibly()
                    .channel();
        }
        RpcConnection current = connection;
        return current.opened().then(current.call(request));
    }

    /** Connecting blocks here, which an event loop must not. */
    private final Service<RpcRequest, RpcReply> network =
            request -> Mono.defer(() -> call(request)).subscribeOn(reactor.core.scheduler.Schedulers.boundedElastic());

    @Test
    void aDownloadSurvivesItsSockets() throws Exception {
        Path target = folder.resolve("target");
        Progress progress = Progress.create();
        Long size = RESUME.downloads()
                .wrap(network)
                .call(RpcRequest.of("get", Content.NONE, Content.OCTETS, Body.empty()))
                .flatMap(reply -> FILES.write(target, 0, progress.of(reply.body())))
                .block(LONG);
        assertThat(size).isEqualTo(SIZE);
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
        assertThat(progress.report().bytes()).isEqualTo(SIZE);
        assertThat(progress.report().total()).isEqualTo(SIZE);
        assertThat(connections).hasValue(5);
    }

    @Test
    void anUploadSurvivesItsSockets() throws Exception {
        String size = RESUME.uploads()
                .wrap(network)
                .call(RpcRequest.of("put", Content.OCTETS, Content.JSON, FILES.body(folder.resolve("source"))))
                .flatMap(reply -> reply.body().asString(100))
                .block(LONG);
        assertThat(size).isEqualTo(String.valueOf(SIZE));
        assertThat(Files.readAllBytes(folder.resolve("stored"))).isEqualTo(content);
        assertThat(connections).hasValue(5);
        assertThat(read.get()).isGreaterThan(SIZE);
    }
}
