package io.headgate.mux.internal.h2;

import io.headgate.http.ConnectionInfo;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.mux.internal.BackConnection;
import io.headgate.mux.internal.BackExchange;
import io.headgate.mux.internal.BackStream;
import io.headgate.mux.internal.FrontInfo;
import io.headgate.mux.internal.Pool;
import io.headgate.mux.internal.Ticker;
import io.headgate.mux.internal.Timed;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An upstream connection that speaks HTTP/2: as many exchanges at once as the peer allows. It is ready with the first
 * SETTINGS of the peer; after a GOAWAY it takes no more and closes when it is empty (RFC 9113 section 6.8).
 */
public final class H2Back extends Http2FrameAdapter implements BackConnection, Timed {

    private static final Logger LOG = LoggerFactory.getLogger(H2Back.class);

    /**
     * Resets after which a connection takes no more exchanges: servers close connections that send many (Netty: over 200 in
     * 30 seconds), with all exchanges on them. Those that are open at that time may be reset too, so this is half of it.
     */
    private static final int MOST_RESETS = 100;

    private final Pool pool;
    private final H2Connection connection;
    private final Channel channel;
    private final Runnable ready;
    private final H2Heads.Memo memo;
    private final Ticker.Registration timer;
    private boolean settled;
    private boolean takesUpgrades; // as the SETTINGS of the peer say (RFC 8441 section 3)
    private boolean listed;
    private boolean draining;
    private int resets;
    private int lastProcessed = Integer.MAX_VALUE; // the highest stream that the peer may have processed
    private long idleSince;

    private H2Back(Pool pool, Channel channel, Runnable ready) {
        this.pool = pool;
        this.channel = channel;
        this.ready = ready;
        this.memo = new H2Heads.Memo(channel.pipeline().get(SslHandler.class) != null);
        ConnectionInfo info = new FrontInfo(pool.loop(), channel, HttpVersion.HTTP_2, null);
        this.connection = H2Connection.client(pool.settings(), pool.loop(), info, this);
        this.timer = pool.loop().ticker().register(this);
        this.idleSince = pool.loop().ticker().now();
        connection.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                streamClosed(stream);
            }
        });
        channel.closeFuture().addListener(closed -> {
            timer.close();
            pool.disconnected(this);
        });
    }

    /**
     * Makes a pipeline speak HTTP/2 to an upstream.
     *
     * @param ready runs once, with the first SETTINGS of the peer
     */
    public static H2Back install(ChannelPipeline pipeline, Pool pool, Runnable ready) {
        H2Back back = new H2Back(pool, pipeline.channel(), ready);
        pipeline.addLast("h2-back", back.connection);
        return back;
    }

    // ---- the pool

    @Override
    public boolean hasCapacity() {
        return !draining
                && channel.isActive()
                && connection.connection().local().canOpenStream()
                && connection.connection().local().lastStreamCreated() < Integer.MAX_VALUE - 2;
    }

    @Override
    public int active() {
        return connection.connection().numActiveStreams();
    }

    @Override
    public boolean isListed() {
        return listed;
    }

    @Override
    public void setListed(boolean value) {
        listed = value;
    }

    @Override
    public boolean isLeaving() {
        return draining;
    }

    @Override
    public void close() {
        draining = true;
        connection.goAwayAndClose();
    }

    // ---- exchanges

    @Override
    public BackStream start(BackExchange exchange) {
        RequestHead head = exchange.head();
        if (head.upgrade() != null && !takesUpgrades) {
            exchange.fail(UpstreamException.of(
                    Failure.PROTOCOL, new ProtocolException("no SETTINGS_ENABLE_CONNECT_PROTOCOL, so no WebSockets")));
            return H2BackStream.NOWHERE;
        }
        boolean end = exchange.exchange().body().isEmpty() && !head.wantsTunnel();
        Http2Connection.Endpoint<?> local = connection.connection().local();
        int streamId = local.incrementAndGetNextStreamId();
        connection.writeHeaders(
                streamId, H2Heads.toHeaders(head, exchange.exchange().body(), memo), end);
        Http2Stream stream = connection.connection().stream(streamId);
        if (stream == null) {
            exchange.refused(Failure.REFUSED, new IOException("stream " + streamId + " could not be opened"));
            return H2BackStream.NOWHERE;
        }
        H2BackStream opened = new H2BackStream(this, stream, exchange);
        connection.attach(stream, opened);
        return opened;
    }

    private @Nullable H2BackStream exchange(@Nullable Http2Stream stream) {
        return connection.exchange(stream) instanceof H2BackStream open ? open : null;
    }

    private void streamClosed(Http2Stream stream) {
        idleSince = pool.loop().ticker().now();
        H2BackStream open = exchange(stream);
        if (open != null && open.isOpen()) {
            if (stream.id() > lastProcessed) {
                open.refused(new IOException("GOAWAY: streams above " + lastProcessed + " were not processed"));
            } else if (channel.isActive() || connection.connection().goAwaySent()) {
                open.lost(new IOException("stream closed by the upstream"));
            } else {
                open.unanswered(new IOException("connection closed by the upstream"));
            }
        }
        if (draining && active() == 0) {
            channel.close();
        } else if (settled && channel.isActive()) {
            pool.released(this);
        }
    }

    // ---- frames

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
        takesUpgrades |= Boolean.TRUE.equals(settings.connectProtocolEnabled());
        if (!settled) {
            settled = true;
            ready.run();
        } else {
            pool.released(this); // there may be more room now
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream) {
        onHeadersRead(ctx, streamId, headers, padding, endStream);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endStream) {
        H2BackStream open = exchange(connection.connection().stream(streamId));
        if (open != null) {
            open.headers(headers, endStream);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
        H2BackStream open = exchange(connection.connection().stream(streamId));
        if (open == null) {
            return data.readableBytes() + padding;
        }
        open.data(data.retain(), endOfStream);
        return padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
        H2BackStream open = exchange(connection.connection().stream(streamId));
        if (open == null) {
            return;
        }
        IOException cause = new IOException("RST_STREAM " + Http2Error.valueOf(errorCode));
        if (errorCode == Http2Error.REFUSED_STREAM.code()) {
            open.refused(cause);
        } else {
            open.reset(errorCode, cause);
        }
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData) {
        LOG.debug("{} received GOAWAY, error {}, last stream {}", connection, errorCode, lastStreamId);
        draining = true;
        lastProcessed = lastStreamId; // Netty closes the streams above it when this returns
        if (active() == 0) {
            channel.close();
        } else if (settled) {
            pool.released(this); // what waits for room on this connection needs another one
        }
    }

    // ---- time

    @Override
    public void tick(long now) {
        connection.tick(now);
        try {
            connection.connection().forEachActiveStream(stream -> {
                H2BackStream open = exchange(stream);
                if (open != null) {
                    open.tick(connection.connection().local().flowController().unconsumedBytes(stream));
                }
                return true;
            });
        } catch (Http2Exception e) {
            LOG.debug("timers of {} failed", connection, e);
        }
        if (settled
                && active() == 0
                && pool.loop().ticker().isOver(idleSince, pool.settings().idle())) {
            close();
        }
    }

    Pool pool() {
        return pool;
    }

    void reset(int streamId, Http2Error error) {
        draining |= ++resets >= MOST_RESETS;
        connection.reset(streamId, error);
    }

    H2Connection connection() {
        return connection;
    }

    @Override
    public String toString() {
        return "upstream side of " + connection;
    }
}
