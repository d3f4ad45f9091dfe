package io.headgate.sync.client;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.Outlet;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncInbound;
import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.internal.wire.SyncMessage.ClientHello;
import io.headgate.sync.internal.wire.SyncMessage.DecoderRestart;
import io.headgate.sync.internal.wire.SyncMessage.Kvs;
import io.headgate.sync.internal.wire.SyncMessage.Ping;
import io.headgate.sync.internal.wire.SyncMessage.Pong;
import io.headgate.sync.internal.wire.SyncMessage.Refusal;
import io.headgate.sync.internal.wire.SyncMessage.ServerHello;
import io.headgate.sync.internal.wire.SyncOutbound;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.WriteTimeoutException;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The protocol on one open connection. On its event loop; what others look at is volatile. */
final class Session extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(SyncClient.class);

    private final SyncClientSpec spec;
    private final Link link;
    private final Outlet outlet;
    private final ClientCounts counts;
    private final Follower follower;
    private final @Nullable Bookmark resume;
    private final long connectionId;

    private EntryCheck check;
    private long serverId;
    private long spokeAt = System.nanoTime();
    private @Nullable Future<?> watch;

    private volatile boolean greeted;
    private volatile String serverVersion = "";
    private volatile long serverConnectionId;
    private volatile SyncStatus status = SyncStatus.WAIT_FOR_DATASTORE;
    private volatile long position;
    private volatile @Nullable Instant heard;
    private volatile @Nullable Instant fresh;

    Session(
            SyncClientSpec spec,
            Link link,
            Outlet outlet,
            ClientCounts counts,
            Follower follower,
            @Nullable Bookmark bookmark,
            long connectionId) {
        this.spec = spec;
        this.link = link;
        this.outlet = outlet;
        this.counts = counts;
        this.follower = follower;
        this.resume = has(SyncFeature.RESUME) ? bookmark : null;
        this.connectionId = connectionId;
        this.check = new EntryCheck(spec, counts, false);
    }

    private boolean has(SyncFeature feature) {
        return spec.settings().has(feature);
    }

    // ---- what others look at

    boolean isGreeted() {
        return greeted;
    }

    long connectionId() {
        return connectionId;
    }

    String serverVersion() {
        return serverVersion;
    }

    long serverConnectionId() {
        return serverConnectionId;
    }

    SyncStatus status() {
        return status;
    }

    long position() {
        return position;
    }

    @Nullable Instant heard() {
        return heard;
    }

    @Nullable Instant fresh() {
        return fresh;
    }

    /** Where the next connection can go on, or null when it cannot. */
    @Nullable Bookmark bookmark() {
        return serverId == 0 || position == 0 ? null : new Bookmark(link.server(), serverId, position);
    }

    // ---- the protocol

    /** Takes the connection over. */
    void begin(Channel channel) {
        Generation generation = spec.settings().features().isEmpty() ? Generation.V3_2_5 : Generation.TODAY;
        channel.pipeline()
                .addLast(new BytesIn(counts))
                .addLast(new WriteTimeoutHandler(spec.settings().writeTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .addLast(SyncInbound.client(
                        GobLimits.CLIENT.withMaxMessage(spec.settings().maxMessageBytes())))
                .addLast(new SyncOutbound(SyncEncoder.client(generation)))
                .addLast(this);
        channel.writeAndFlush(hello());
        watch(channel, spec.settings().readTimeout().toNanos());
    }

    /** Looks again when the server could have been silent for too long; most of the time it has not. */
    private void watch(Channel channel, long nanos) {
        watch = channel.eventLoop()
                .schedule(
                        () -> {
                            long most = spec.settings().readTimeout().toNanos();
                            long left = spokeAt + most - System.nanoTime();
                            if (left > 0) {
                                watch(channel, left);
                            } else {
                                link.end(Loss.of(
                                        SyncLoss.SILENT,
                                        "no message for " + spec.settings().readTimeout()
                                                + " (expected: pings at least)"));
                            }
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        link.end(Loss.of(
                SyncLoss.CLOSED,
                greeted
                        ? "closed by the server"
                        : "closed by the server before its hello (expected: does it know " + spec.syncerType() + "?)"));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        Future<?> watching = watch;
        if (watching != null) {
            watching.cancel(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        SyncLoss why = why(cause);
        if (why == SyncLoss.FAILED) {
            LOG.error("{} ({}) failed", link.server().address(), Long.toHexString(connectionId), cause);
        }
        link.end(
                why == SyncLoss.NOT_READING
                        ? Loss.of(why, "took nothing for " + spec.settings().writeTimeout() + " (expected: to be read)")
                        : Loss.of(why, cause));
    }

    private static SyncLoss why(Throwable cause) {
        if (cause instanceof SyncWireException broken) {
            return switch (broken.reason()) {
                case FRAME_TOO_LONG -> SyncLoss.TOO_LONG;
                case UNKNOWN_NAME, NO_MESSAGE, UNEXPECTED_MESSAGE -> SyncLoss.WRONG_MESSAGE;
                default -> SyncLoss.BAD_BYTES;
            };
        } else if (cause instanceof WriteTimeoutException) {
            return SyncLoss.NOT_READING;
        } else if (cause instanceof SSLException || cause.getCause() instanceof SSLException) {
            return SyncLoss.TLS_FAILED;
        }
        return cause instanceof IOException ? SyncLoss.BROKEN : SyncLoss.FAILED;
    }

    private ClientHello hello() {
        return new ClientHello(
                spec.hostname(),
                spec.info(),
                spec.version(),
                spec.syncerType(),
                has(SyncFeature.DECODER_RESTART),
                has(SyncFeature.DECODER_RESTART) && has(SyncFeature.SNAPPY) ? List.of(SyncMessage.SNAPPY) : List.of(),
                has(SyncFeature.POLICY_KEYS),
                connectionId,
                has(SyncFeature.REFUSALS),
                spec.prefixes(),
                resume == null ? 0 : resume.serverId(),
                resume == null ? 0 : resume.position());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object read) {
        if (link.isOver()) {
            return;
        }
        spokeAt = System.nanoTime();
        heard = Instant.now();
        SyncMessage message = (SyncMessage) read;
        if (message instanceof ServerHello hello) {
            greet(hello);
        } else if (message instanceof Refusal refusal) {
            link.end(new Loss(SyncLoss.REFUSED, refusal.reason(), notNegative(refusal.retryAfter())));
        } else if (greeted || isOld()) {
            take(ctx, message);
        } else {
            wrong(message, "the hello of a server, before anything else");
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush(); // of pongs, once for all that have come together
    }

    /** A server of v3.2.5 may say hello whenever it likes. */
    private boolean isOld() {
        if (spec.settings().features().isEmpty()) {
            greet(new ServerHello(""));
            return true;
        }
        return false;
    }

    private void take(ChannelHandlerContext ctx, SyncMessage message) {
        if (message instanceof Kvs entries) {
            SyncEvent.Updates updates = check.checked(entries.updates());
            reached(entries.position());
            if (updates != null) {
                outlet.take(updates);
            }
        } else if (message instanceof SyncMessage.Status changed) {
            status = changed.status();
            reached(changed.position());
            outlet.take(new SyncEvent.Status(status));
        } else if (message instanceof Ping ping) {
            ping(ctx, ping);
        } else if (message instanceof DecoderRestart restart) {
            restart(ctx, restart);
        } else {
            wrong(message, "what a server says");
        }
    }

    private void greet(ServerHello hello) {
        String type = hello.syncerType().isEmpty() ? SyncClientSpec.FELIX : hello.syncerType();
        boolean old = spec.settings().features().isEmpty();
        if (greeted && !old) {
            wrong(hello, "one hello");
        } else if (!type.equals(spec.syncerType())) {
            link.end(Loss.of(SyncLoss.WRONG_SERVER, "syncerType: " + type + " (expected: " + spec.syncerType() + ")"));
        } else if (!old && !hello.nodeResourceUpdates()) {
            link.end(Loss.of(
                    SyncLoss.WRONG_SERVER,
                    "nodeResourceUpdates: false, version " + hello.version() + " (expected: a server of today)"));
        } else if (hello.resumed() && (resume == null || resume.serverId() != hello.serverId())) {
            wrong(hello, resume == null ? "a snapshot, as no position was asked for" : "to go on at " + resume);
        } else {
            serverVersion = hello.version();
            serverConnectionId = hello.connectionId();
            serverId = hello.serverId();
            if (!greeted) {
                begin(hello);
            }
        }
    }

    private void begin(ServerHello hello) {
        counts.connected.increment();
        check = new EntryCheck(spec, counts, !spec.prefixes().isEmpty() && !hello.filtered());
        LOG.info(
                "{} ({}): hello of {}, {}",
                link.server().address(),
                Long.toHexString(connectionId),
                hello.version(),
                hello.resumed() ? "goes on at " + resume : "tells all");
        if (hello.resumed() && resume != null) {
            counts.resumed.increment();
            position = resume.position();
        } else {
            follower.restarted();
            outlet.restart();
        }
        greeted = true;
        outlet.take(new SyncEvent.Status(SyncStatus.RESYNC));
    }

    private void reached(long now) {
        if (now != 0) {
            position = now;
        }
    }

    private void ping(ChannelHandlerContext ctx, Ping ping) {
        if (ctx.channel().isWritable()) { // who pings and does not read gets no more than fits
            ctx.write(new Pong(ping.sent()));
        }
        reached(ping.position());
        Instant source = ping.fresh();
        if (source == null) {
            return;
        }
        fresh = source;
        outlet.take(new SyncEvent.Heard(source));
        Duration most = spec.settings().maxStaleness();
        Duration age = Duration.between(source, ping.sent().instant());
        if (most == null || age.compareTo(most) <= 0) {
            follower.fresh();
        } else if (follower.mayLeaveStale()) {
            link.end(Loss.of(
                    SyncLoss.STALE, "last heard of the source: " + age + " ago (expected: within " + most + ")"));
        }
    }

    private void restart(ChannelHandlerContext ctx, DecoderRestart restart) {
        boolean snappy = restart.compression().equals(SyncMessage.SNAPPY);
        if (!has(SyncFeature.DECODER_RESTART) || snappy && !has(SyncFeature.SNAPPY)) {
            wrong(
                    restart,
                    "what the hello says is understood: " + spec.settings().features());
        } else if (!snappy && !restart.compression().isEmpty()) {
            wrong(restart, "compression by " + SyncMessage.SNAPPY + " or none");
        } else {
            ctx.writeAndFlush(new SyncMessage.Ack());
        }
    }

    private void wrong(SyncMessage message, String expected) {
        String text = message.toString();
        String quoted = text.length() > 200 ? text.substring(0, 200) + "..." : text;
        link.end(Loss.of(SyncLoss.WRONG_MESSAGE, "message: " + quoted + " (expected: " + expected + ")"));
    }

    private static Duration notNegative(Duration time) {
        return time.isNegative() ? Duration.ZERO : time;
    }
}
