package io.headgate.mount;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpVersion;
import io.headgate.http.ReplyHead;
import io.headgate.mux.internal.BodyOrigin;
import io.headgate.mux.internal.InboundBody;
import io.headgate.mux.internal.KnownField;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.ResetCodes;
import io.headgate.mux.internal.TrailerRules;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServerResponse;

/** Gives the reply of an exchange to the server. For the event loop alone. */
final class MountedReply implements BodyOrigin {

    private static final Logger LOG = LoggerFactory.getLogger(MountedReply.class);

    private final MountedExchange exchange;
    private final HttpServerResponse response;
    private final Channel channel;
    private final Loop loop;
    private @Nullable InboundBody outlet; // what the server subscribes to
    private boolean inChunks;
    private boolean delimitedByClose;
    private boolean whole;
    private int owed; // bytes handed to the channel while it had no room

    MountedReply(MountedExchange exchange, HttpServerResponse response, Channel channel, Loop loop) {
        this.exchange = exchange;
        this.response = response;
        this.channel = channel;
        this.loop = loop;
    }

    // ---- heads

    /** Writes past what counts replies in the server: it would take an interim head for the reply. */
    void interim(ReplyHead head) {
        ChannelHandlerContext codec = channel.pipeline().context(NettyPipeline.HttpTrafficHandler);
        if (codec == null) {
            return;
        }
        DefaultFullHttpResponse message = new DefaultFullHttpResponse(
                io.netty.handler.codec.http.HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(head.status()),
                Unpooled.EMPTY_BUFFER);
        copy(head, message.headers(), false);
        codec.writeAndFlush(message).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    /** A head that ends the message; the server sends it when the exchange says that it is done. */
    void headOnly(ReplyHead head, boolean bodiless, boolean persistent, long length) {
        HttpHeaders headers = begin(head, persistent, bodiless && head.status() != 204);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        boolean known = bodiless && length > 0 && head.status() != 204 && head.status() != 304;
        if (known && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
    }

    /** A head whose body follows. */
    void head(ReplyHead head, long length, boolean persistent) {
        HttpHeaders headers = begin(head, persistent, false);
        inChunks = length < 0 && exchange.version() != HttpVersion.HTTP_1_0;
        delimitedByClose = length < 0 && !inChunks;
        if (!inChunks) {
            headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        }
        if (length >= 0) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        InboundBody body = new InboundBody(loop, this, Body.UNKNOWN_LENGTH);
        outlet = body;
        response.send(body).then().subscribe(nothing -> {}, this::failed, this::taken);
    }

    private HttpHeaders begin(ReplyHead head, boolean persistent, boolean passLength) {
        response.status(HttpResponseStatus.valueOf(head.status()));
        copy(head, response.responseHeaders(), passLength);
        if (!persistent) {
            response.keepAlive(false);
        } else if (exchange.version() == HttpVersion.HTTP_1_0) {
            response.header(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE); // which the server leaves out
        }
        return response.responseHeaders();
    }

    private static void copy(ReplyHead head, HttpHeaders to, boolean passLength) {
        Fields fields = head.fields();
        for (int i = 0; i < fields.size(); i++) {
            KnownField known = KnownField.of(fields.name(i));
            if (known == KnownField.OTHER
                    || known == KnownField.TRAILER
                    || known == KnownField.CONTENT_LENGTH && passLength) {
                to.add(fields.name(i), fields.value(i));
            }
        }
    }

    /** Whether a body has begun whose end has not come. */
    boolean isPartial() {
        return outlet != null && !whole;
    }

    boolean isInChunks() {
        return inChunks;
    }

    // ---- the body

    void data(ByteBuf chunk, boolean last) {
        whole |= last;
        outlet().data(chunk, last);
    }

    void end(Fields trailers) {
        whole = true;
        if (!trailers.isEmpty()) {
            response.trailerHeaders(to -> trailers(trailers, to));
        }
        outlet().end(Fields.empty());
    }

    private static void trailers(Fields trailers, HttpHeaders to) {
        for (int i = 0; i < trailers.size(); i++) {
            if (TrailerRules.isAllowed(trailers.name(i))) {
                try {
                    to.add(trailers.name(i), trailers.value(i));
                } catch (IllegalArgumentException e) {
                    LOG.debug("the server takes no trailer {}", trailers.name(i), e);
                }
            }
        }
    }

    private InboundBody outlet() {
        if (outlet == null) {
            throw new IllegalStateException("reply has no body");
        }
        return outlet;
    }

    /** The server has written them; they count as sent as soon as the channel has room again. */
    @Override
    public void consumed(int bytes) {
        if (channel.isWritable()) {
            exchange.left(bytes);
        } else {
            owed += bytes;
        }
    }

    @Override
    public void abandon() {
        exchange.lost("client: connection or stream closed", null);
    }

    void writabilityChanged() {
        if (owed > 0 && channel.isWritable()) {
            int bytes = owed;
            owed = 0;
            exchange.left(bytes);
        }
    }

    /** The server also says this when the connection is lost. */
    private void taken() {
        if (whole && channel.isActive()) {
            exchange.replyTaken();
        } else {
            exchange.lost("client: connection or stream closed", null);
        }
    }

    private void failed(Throwable error) {
        exchange.lost("client: connection or stream closed", error);
    }

    // ---- the end

    void cut(Throwable why) {
        if (exchange.version() == HttpVersion.HTTP_2) {
            reset(ResetCodes.of(why));
            return;
        }
        if (delimitedByClose) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        if (channel.isWritable()) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            channel.close();
        }
    }

    /** Asks a client of HTTP/2 to send no more, behind the end of the reply (RFC 9113 section 8.1). */
    void stopRequest() {
        reset(Http2Error.NO_ERROR);
    }

    private void reset(Http2Error code) {
        ChannelHandlerContext codec = channel.pipeline().context(NettyPipeline.HttpTrafficHandler);
        if (codec != null && channel.isActive()) {
            codec.writeAndFlush(new DefaultHttp2ResetFrame(code)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Frees what the server has not subscribed to. */
    void release() {
        if (outlet != null) {
            outlet.discard();
        }
    }
}
