package io.headgate.function.log;

import io.headgate.function.model.App;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties the queue of a shipper into connections, one at a time. A connection is made when there is something to ship, and after a
 * failure only when the backoff is over. What the system has not taken when a connection is lost goes over the next one: no line
 * is lost by that, some may come twice. Runs on one event loop, but for what says otherwise.
 */
final class SyslogSender {

    private static final Logger LOG = LoggerFactory.getLogger(SyslogSender.class);
    private static final int AT_A_STRETCH = 32; // others want the event loop as well
    private static final int MOST_TRIES = 2; // of a datagram, which may be one that no server takes
    private static final long BETWEEN_NOTICES = TimeUnit.SECONDS.toNanos(1);

    private final SyslogNet net;
    private final App app;
    private final SyslogUrl url;
    private final SyslogQueue queue;
    private final Runnable ended;
    private final EventLoop loop;
    private final SyslogDial dial;
    private final SyslogBatch batch;
    private final AtomicBoolean awake = new AtomicBoolean();
    private final AtomicLong shipped = new AtomicLong();
    private volatile @Nullable Channel channel;
    private @Nullable Future<?> pending; // an attempt to connect, or the wait before the next one
    private @Nullable Future<?> limit; // of the end
    private boolean working;
    private boolean writing;
    private boolean away;
    private boolean over;
    private int failures;
    private int tries;
    private long nextNotice = System.nanoTime();

    /**
     * For one server.
     *
     * @param ended is told when all is over, once
     */
    SyslogSender(SyslogNet net, App app, SyslogUrl url, SyslogQueue queue, Runnable ended) {
        this.net = net;
        this.app = app;
        this.url = url;
        this.queue = queue;
        this.ended = ended;
        this.loop = net.loop(url.scheme());
        this.dial = new SyslogDial(net, url, Peer::new);
        this.batch = new SyslogBatch(url.scheme().isStream());
    }

    // ---- any thread

    /** There is something in the queue. */
    void wake() {
        if (!awake.get() && awake.compareAndSet(false, true)) {
            loop.execute(this::work);
        }
    }

    /** Nothing more comes: ships what waits, within the grace. May be called again. */
    void finish() {
        loop.execute(() -> {
            if (!over && limit == null) {
                limit = loop.schedule(this::giveUp, net.settings.grace().toNanos(), TimeUnit.NANOSECONDS);
                work();
            }
        });
    }

    boolean isConnected() {
        Channel now = channel;
        return now != null && now.isActive();
    }

    int inFlight() {
        return batch.lines();
    }

    long shipped() {
        return shipped.get();
    }

    // ---- on the event loop

    private void work() {
        awake.set(false); // before the look at the queue
        if (working) {
            return; // a write that has ended at once
        }
        working = true;
        for (int i = 0; i < AT_A_STRETCH && isIdle(); i++) {
            if (!fill()) {
                working = false;
                if (limit != null) {
                    end();
                }
                return;
            }
            Channel open = channel;
            if (open == null) {
                connect();
            } else {
                write(open);
            }
        }
        working = false;
        if (isIdle()) {
            wake();
        }
    }

    private boolean isIdle() {
        return !over && !writing && pending == null;
    }

    /** Returns false when there is nothing to ship. */
    private boolean fill() {
        if (!batch.isEmpty()) {
            return true; // it could not be shipped before
        }
        long missing = queue.unreported();
        if (missing > 0 && (queue.isEmpty() || System.nanoTime() - nextNotice >= 0)) {
            nextNotice = System.nanoTime() + BETWEEN_NOTICES;
            queue.reported(missing);
            batch.addNotice(net.format.notice(app, missing, net.settings.clock().millis()));
        }
        while (!batch.isFull()) {
            SyslogLine line = queue.poll();
            if (line == null) {
                break;
            }
            batch.addLine(net.format.message(line));
        }
        return !batch.isEmpty();
    }

    private void connect() {
        Promise<Channel> opened = dial.open(loop);
        pending = opened;
        opened.addListener(done -> {
            if (over) {
                return; // who has cancelled it
            }
            pending = null;
            if (done.isSuccess()) {
                channel = opened.getNow();
            } else {
                failed(done.cause());
            }
            work();
        });
    }

    private void write(Channel to) {
        writing = true;
        ChannelFuture written = to.writeAndFlush(batch.encode(to.alloc()));
        written.addListener(done -> {
            writing = false;
            if (over) {
                return;
            }
            if (done.isSuccess()) {
                succeeded();
            } else {
                notWritten(to, done.cause());
            }
            work();
        });
    }

    private void succeeded() {
        shipped.addAndGet(batch.lines());
        batch.clear();
        failures = 0;
        tries = 0;
        if (away) {
            away = false;
            LOG.info("syslog {}: back", url);
        }
    }

    private void notWritten(Channel to, Throwable cause) {
        boolean stream = url.scheme().isStream();
        tries++;
        if (!stream && tries >= MOST_TRIES) {
            queue.lost(batch.lines());
            batch.clear();
            tries = 0;
        }
        if (url.scheme() == SyslogUrl.Scheme.UDP) {
            tellAway(cause); // the answer to an earlier datagram; there is nothing to connect again
        } else {
            channel = null;
            to.close();
            failed(cause);
        }
    }

    private void failed(Throwable cause) {
        tellAway(cause);
        failures++;
        long wait = net.settings
                .backoff()
                .nanos(failures, ThreadLocalRandom.current().nextDouble());
        pending = loop.schedule(
                () -> {
                    pending = null;
                    work();
                },
                wait,
                TimeUnit.NANOSECONDS);
    }

    private void tellAway(Throwable cause) {
        if (!away) {
            away = true;
            LOG.warn(
                    "syslog {}: {} (lines wait, and are dropped beyond {} bytes)",
                    url,
                    cause,
                    net.settings.queueBytes());
        }
    }

    // ---- the end

    private void end() {
        Channel open = channel;
        over = true;
        cancel(limit);
        close(open == null ? null : open.close());
    }

    /** The grace is over. */
    private void giveUp() {
        if (over) {
            return;
        }
        over = true;
        cancel(pending);
        queue.lost(batch.lines());
        batch.clear();
        queue.dropAll();
        LOG.warn("syslog {}: closed with lines that were not shipped, {} were dropped in all", url, queue.dropped());
        Channel open = channel;
        ChannelHandlerContext first = open == null ? null : open.pipeline().firstContext();
        close(first == null ? null : first.close()); // past TLS, which would wait for a peer that takes nothing
    }

    private static void cancel(@Nullable Future<?> future) {
        if (future != null) {
            future.cancel(false);
        }
    }

    private void close(@Nullable ChannelFuture closing) {
        if (closing == null) {
            ended.run();
        } else {
            closing.addListener(done -> ended.run());
        }
    }

    /** Sees a connection end. Servers say nothing; what one says is not read. */
    private final class Peer extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (channel == ctx.channel() && !over) {
                channel = null; // a write that is under way fails, and says so
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.debug("syslog {}: {}", url, cause.toString());
            if (url.scheme() != SyslogUrl.Scheme.UDP) {
                ctx.close();
            }
        }
    }
}
