package io.headgate.mux.internal.h2;

import io.headgate.http.HttpVersion;
import io.headgate.mux.ClosedException;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.Backlog;
import io.headgate.mux.internal.FrontConnection;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.FrontInfo;
import io.headgate.mux.internal.FrontTls;
import io.headgate.mux.internal.Ticker;
import io.headgate.mux.internal.Timed;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client connection that speaks HTTP/2: turns frames into exchanges, one for each stream. */
public final class H2Front extends Http2FrameAdapter implements FrontConnection, Timed {

    private static final Logger LOG = LoggerFactory.getLogger(H2Front.class);

    private final FrontContext context;
    private final H2Connection connection;
    private final FrontInfo info;
    private final H2Farewell farewell;
    private final Ticker.Registration timer;
    private final Backlog backlog = new Backlog();
    private long idleSince;

    private H2Front(FrontContext context, Channel channel, @Nullable FrontTls tls) {
        this.context = context;
        this.info = new FrontInfo(context.loop(), channel, HttpVersion.HTTP_2, tls);
        this.connection = H2Connection.server(context.settings(), context.loop(), info, this);
        this.farewell = new H2Farewell(context, connection);
        this.timer = context.loop().ticker().register(this);
        this.idleSince = context.loop().ticker().now();
        connection.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                streamClosed(stream);
            }
        });
        channel.closeFuture().addListener(closed -> timer.close());
    }

    /**
     * Makes a pipeline speak HTTP/2 to a client; the first bytes that it reads are the preface.
     *
     * @param tls what protects the connection; null for cleartext
     */
    public static void install(ChannelPipeline pipeline, FrontContext context, @Nullable FrontTls tls) {
        H2Front front = new H2Front(context, pipeline.channel(), tls);
        pipeline.addLast("h2-front", front.connection);
        context.fronts().handledBy(pipeline.channel(), front);
    }

    // ---- frames

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream)
            throws Http2Exception {
        onHeadersRead(ctx, streamId, headers, padding, endStream);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endStream)
            throws Http2Exception {
        idleSince = context.loop().ticker().now();
        Http2Stream stream = connection.connection().stream(streamId);
        if (connection.exchange(stream) instanceof H2FrontExchange begun) {
            begun.requestEnd(H2Heads.trailers(headers));
            return;
        }
        H2FrontExchange exchange = new H2FrontExchange(this, stream);
        connection.attach(stream, exchange);
        H2Heads.Request request;
        try {
            request = H2Heads.request(headers, endStream, info.isSecure(), context.settings());
        } catch (RequestException e) {
            LOG.debug("stream {} of {} is refused", streamId, connection, e);
            if (e.status() == 400 && e.limit() != Limit.PATH) {
                exchange.reject(e);
                throw Http2Exception.streamError(streamId, Http2Error.PROTOCOL_ERROR, e, "%s", e.getMessage());
            }
            exchange.refuse(H2Heads.known(headers), e, endStream);
            return;
        }
        exchange.start(request, endStream);
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
        idleSince = context.loop().ticker().now();
        if (connection.exchange(connection.connection().stream(streamId)) instanceof H2FrontExchange exchange) {
            exchange.requestData(data.retain(), endOfStream);
            return padding;
        }
        return data.readableBytes() + padding;
    }

    private void streamClosed(Http2Stream stream) {
        idleSince = context.loop().ticker().now();
        if (connection.exchange(stream) instanceof H2FrontExchange exchange) {
            exchange.streamClosed("client: stream closed before the end");
        }
        farewell.streamClosed();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
        farewell.pingAcked(data);
    }

    // ---- the end

    @Override
    public int active() {
        return connection.connection().numActiveStreams();
    }

    @Override
    public void drain() {
        farewell.announce();
    }

    @Override
    public void end() {
        farewell.leave();
        forEachExchange(exchange -> exchange.end(new ClosedException()));
        connection.flushLater();
    }

    private void forEachExchange(Consumer<H2FrontExchange> action) {
        try {
            connection.connection().forEachActiveStream(stream -> {
                if (connection.exchange(stream) instanceof H2FrontExchange exchange) {
                    action.accept(exchange);
                }
                return true;
            });
        } catch (Http2Exception e) {
            LOG.debug("streams of {} failed", connection, e);
        }
    }

    // ---- time

    @Override
    public void tick(long now) {
        connection.tick(now);
        Channel channel = connection.channel().channel();
        int taken = channel.isWritable() ? 0 : backlog.moved(channel);
        forEachExchange(exchange -> exchange.onTick(taken));
        farewell.tick();
        if (connection.connection().numActiveStreams() == 0
                && context.loop().ticker().isOver(idleSince, context.settings().idle())) {
            farewell.announce();
        }
    }

    // ---- for exchanges

    FrontContext context() {
        return context;
    }

    H2Connection connection() {
        return connection;
    }

    FrontInfo info() {
        return info;
    }

    @Override
    public String toString() {
        return "client side of " + connection;
    }
}
