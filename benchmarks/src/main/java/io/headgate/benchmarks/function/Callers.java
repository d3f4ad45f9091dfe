package io.headgate.benchmarks.function;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections that each send a request as soon as the reply to the last one is there: as little as a client of HTTP/1.1 on Netty can do,
 * over TCP or unix sockets.
 */
final class Callers implements AutoCloseable {

    private static final int LONGEST_SECONDS = 60;

    private final EventLoopGroup loops;
    private final List<Caller> callers = new ArrayList<>();

    /**
     * What came of a number of calls.
     *
     * @param nanos from the first call to the last reply
     * @param latencies of each call, sorted
     * @param failed replies of another status than 200
     */
    record Result(long nanos, long[] latencies, int failed) {

        double callsPerSecond() {
            return latencies.length * 1e9 / nanos;
        }

        long nanosAt(double share) {
            return latencies.length == 0
                    ? 0
                    : latencies[(int) Math.min(latencies.length - 1L, (long) (latencies.length * share))];
        }
    }

    Callers(int threads) {
        loops = new MultiThreadIoEventLoopGroup(threads, EpollIoHandler.newFactory());
    }

    /** One more connection, over TCP. */
    void connect(int port) throws InterruptedException {
        connect(EpollSocketChannel::new, new InetSocketAddress("127.0.0.1", port));
    }

    /** One more connection, to a unix socket. */
    void connect(Path socket) throws InterruptedException {
        connect(EpollDomainSocketChannel::new, new DomainSocketAddress(socket.toFile()));
    }

    private void connect(ChannelFactory<Channel> channels, SocketAddress address) throws InterruptedException {
        Caller caller = new Caller();
        new Bootstrap()
                .group(loops)
                .channelFactory(channels)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpResponseDecoder(), caller);
                    }
                })
                .connect(address)
                .sync();
        callers.add(caller);
    }

    /** Makes calls, and passes the bodies of replies on if anybody wants them. */
    Result call(String request, int count, @Nullable Consumer<String> bodies) throws IOException, InterruptedException {
        ByteBuf bytes = Unpooled.unreleasableBuffer(
                Unpooled.directBuffer().writeBytes(request.getBytes(StandardCharsets.UTF_8)));
        Run run = new Run(bytes, count, callers.size(), bodies);
        long begun = System.nanoTime();
        callers.forEach(caller -> caller.begin(run));
        if (!run.done.await(LONGEST_SECONDS, TimeUnit.SECONDS) || run.broken != null) {
            throw new IOException(
                    run.left.get() + " of " + count + " calls were not begun (expected: all answered)", run.broken);
        }
        long nanos = System.nanoTime() - begun;
        bytes.unwrap().release();
        Arrays.sort(run.latencies);
        return new Result(nanos, run.latencies, run.failed.get());
    }

    @Override
    public void close() {
        callers.forEach(caller -> caller.context().close());
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static final class Run {

        final ByteBuf request;
        final AtomicInteger left;
        final long[] latencies;
        final AtomicInteger answered = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();
        final CountDownLatch done;
        final @Nullable Consumer<String> bodies;
        volatile @Nullable Throwable broken;

        Run(ByteBuf request, int count, int callers, @Nullable Consumer<String> bodies) {
            this.request = request;
            this.left = new AtomicInteger(count);
            this.latencies = new long[count];
            this.done = new CountDownLatch(callers);
            this.bodies = bodies;
        }
    }

    private static final class Caller extends SimpleChannelInboundHandler<HttpObject> {

        private final StringBuilder body = new StringBuilder();
        private @Nullable ChannelHandlerContext context;
        private @Nullable Run run;
        private long begun;

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
        }

        ChannelHandlerContext context() {
            if (context == null) {
                throw new IllegalStateException("connection: none (expected: one)");
            }
            return context;
        }

        void begin(Run next) {
            context().executor().execute(() -> {
                run = next;
                send(next);
            });
        }

        private void send(Run next) {
            if (next.left.getAndDecrement() <= 0) {
                run = null;
                next.done.countDown();
                return;
            }
            begun = System.nanoTime();
            context().writeAndFlush(next.request.duplicate(), context().voidPromise());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext from, HttpObject message) {
            Run current = run;
            if (current == null) {
                return;
            }
            if (message instanceof HttpResponse head && head.status().code() != 200) {
                current.failed.incrementAndGet();
            }
            if (message instanceof HttpContent content) {
                if (current.bodies != null) {
                    body.append(content.content().toString(StandardCharsets.UTF_8));
                }
                if (content instanceof LastHttpContent) {
                    ended(current);
                }
            }
        }

        private void ended(Run current) {
            current.latencies[current.answered.getAndIncrement()] = System.nanoTime() - begun;
            if (current.bodies != null) {
                current.bodies.accept(body.toString());
                body.setLength(0);
            }
            send(current);
        }

        @Override
        public void channelInactive(ChannelHandlerContext from) {
            Run current = run;
            if (current != null) {
                current.broken = new IOException("connection: closed (expected: a reply)");
                current.done.countDown();
            }
        }
    }
}
