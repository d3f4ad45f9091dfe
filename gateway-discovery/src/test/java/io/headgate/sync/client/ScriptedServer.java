package io.headgate.sync.client;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncInbound;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.internal.wire.SyncOutbound;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server that says what a test tells it to say, and keeps what it is told. */
final class ScriptedServer implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<Client> clients = new LinkedBlockingQueue<>();
    private final Channel listener;

    ScriptedServer() {
        this(Generation.TODAY, null);
    }

    ScriptedServer(Generation generation, SslContext tls) {
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_RCVBUF, 16 * 1024) // so that little fits into a socket that is not read
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        SyncOutbound out = new SyncOutbound(SyncEncoder.server(generation));
                        Client client = new Client(channel, out);
                        channel.pipeline()
                                .addLast(SyncInbound.server(GobLimits.SERVER))
                                .addLast(out)
                                .addLast(client);
                        clients.add(client);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** The next client that has connected. */
    Client accept() {
        return take(clients, "a connection");
    }

    boolean hasClient() {
        return !clients.isEmpty();
    }

    /** Takes no more connections; those that are there stay. */
    void stopListening() {
        listener.close().syncUninterruptibly();
    }

    private static <T> T take(BlockingQueue<T> queue, String what) {
        try {
            T taken = queue.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (taken == null) {
                throw new AssertionError("no " + what + " within " + PATIENCE);
            }
            return taken;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    static SyncMessage.ServerHello hello() {
        return hello(0, false);
    }

    static SyncMessage.ServerHello hello(long serverId, boolean resumed) {
        return new SyncMessage.ServerHello("scripted", "felix", true, 7, serverId, resumed, false);
    }

    /** Entries, each as {@code key=value}, or {@code key} alone for a deletion. */
    static SyncMessage.Kvs kvs(long position, String... entries) {
        List<SyncUpdate> updates = new ArrayList<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            updates.add(
                    equals < 0
                            ? SyncUpdate.deleted(entry, "")
                            : SyncUpdate.added(
                                    entry.substring(0, equals),
                                    ByteString.copyFromUtf8(entry.substring(equals + 1)),
                                    ""));
        }
        return new SyncMessage.Kvs(updates, position);
    }

    static SyncMessage.Status inSync(long position) {
        return new SyncMessage.Status(SyncStatus.IN_SYNC, position);
    }

    static SyncMessage.Ping ping(Instant sent, Instant fresh) {
        return new SyncMessage.Ping(GobTime.of(sent), fresh, 0);
    }

    /** One client. */
    static final class Client extends SimpleChannelInboundHandler<SyncMessage> {

        private final Channel channel;
        private final SyncOutbound out;
        private final BlockingQueue<SyncMessage> told = new LinkedBlockingQueue<>();

        Client(Channel channel, SyncOutbound out) {
            this.channel = channel;
            this.out = out;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, SyncMessage message) {
            told.add(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        SyncMessage.ClientHello hello() {
            return next(SyncMessage.ClientHello.class);
        }

        <M extends SyncMessage> M next(Class<M> type) {
            return type.cast(take(told, type.getSimpleName()));
        }

        boolean hasSaid() {
            return !told.isEmpty();
        }

        Client say(SyncMessage... messages) {
            for (SyncMessage message : messages) {
                channel.write(message);
            }
            channel.flush();
            return this;
        }

        /** Behind a restart, once the client has said that it is ready. */
        Client restart(boolean snappy) {
            say(new SyncMessage.DecoderRestart("by a test", snappy ? SyncMessage.SNAPPY : ""));
            next(SyncMessage.Ack.class);
            channel.eventLoop().execute(() -> out.restart(snappy));
            return this;
        }

        Client bytes(byte... bytes) {
            channel.pipeline().context(SyncInbound.class).writeAndFlush(Unpooled.wrappedBuffer(bytes));
            return this;
        }

        void stopReading() {
            channel.config().setAutoRead(false);
        }

        /** Ends with a reset, as a peer that dies does. */
        void reset() {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }

        void close() {
            channel.close();
        }

        /** Waits until the client has closed the connection. */
        void awaitEnd() {
            if (!channel.closeFuture().awaitUninterruptibly(PATIENCE.toMillis())) {
                throw new AssertionError("connection open (expected: closed by the client)");
            }
        }

        boolean isOpen() {
            return channel.isOpen();
        }
    }
}
