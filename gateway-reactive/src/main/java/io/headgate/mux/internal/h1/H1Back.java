package io.headgate.mux.internal.h1;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpVersion;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.mux.internal.BackConnection;
import io.headgate.mux.internal.BackExchange;
import io.headgate.mux.internal.BackStream;
import io.headgate.mux.internal.Backlog;
import io.headgate.mux.internal.Failures;
import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.FrontInfo;
import io.headgate.mux.internal.InboundBody;
import io.headgate.mux.internal.Pool;
import io.headgate.mux.internal.SocketEnd;
import io.headgate.mux.internal.Ticker;
import io.headgate.mux.internal.Timed;
import io.headgate.mux.internal.WebSockets;
import io.headgate.mux.internal.h1.H1Encoder.Framing;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An upstream connection that speaks HTTP/1.1: one exchange at a time. It goes back to its pool only when the request was
 * sent whole, the reply ended properly, nothing is left in the decoder and both sides keep the connection.
 */
public final class H1Back extends ChannelInboundHandlerAdapter implements BackConnection, BackStream, Timed {

    private static final Logger LOG = LoggerFactory.getLogger(H1Back.class);

    private final Pool pool;
    private final H1Decoders.Replies decoder;
    private final H1Input input;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable H1Output output;
    private Ticker.@Nullable Registration timer;
    private @Nullable BackExchange current;
    private @Nullable InboundBody replyBody;
    private Framing framing = Framing.NONE;
    private final Backlog backlog = new Backlog();
    private boolean listed;
    private boolean closed;
    private boolean persistent;
    private boolean tunnel; // is open: what is read and written is no longer HTTP
    private boolean hungUp; // this side of the tunnel
    private @Nullable String webSocketKey;
    private boolean kept; // an exchange has ended on it before
    private boolean interim; // the end that the decoder tells next is that of an interim head
    private int unread; // bytes of the reply that the consumer has not taken
    private long idleSince;

    private H1Back(Channel channel, Pool pool) {
        this.pool = pool;
        this.decoder = new H1Decoders.Replies(pool.settings());
        this.input = new H1Input(channel, pool.settings().bodyBuffer());
    }

    /** Makes a pipeline speak HTTP/1.1 to an upstream. */
    public static H1Back install(ChannelPipeline pipeline, Pool pool) {
        H1Back back = new H1Back(pipeline.channel(), pool);
        pipeline.addLast("h1-decoder", back.decoder).addLast("h1-back", back);
        return back;
    }

    // ---- life

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        output = new H1Output(pool.loop(), added);
        timer = pool.loop().ticker().register(this);
        idleSince = pool.loop().ticker().now();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        disconnected(null);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        disconnected(null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        if (Failures.isPremature(failed.channel(), cause)) {
            return;
        }
        Failures.log(LOG, "upstream connection", failed.channel(), cause);
        disconnected(cause);
        failed.close();
    }

    private void disconnected(@Nullable Throwable cause) {
        if (closed) {
            return;
        }
        closed = true;
        if (timer != null) {
            timer.close();
        }
        output().close();
        BackExchange exchange = detach();
        pool.disconnected(this);
        if (exchange == null) {
            return;
        }
        if (tunnel && cause == null) {
            replyBody().end(Fields.empty()); // the proper end of a tunnel
            exchange.replyEnded();
        } else {
            lost(exchange, cause == null ? new IOException("connection closed by the upstream") : cause);
        }
    }

    private void lost(BackExchange exchange, Throwable cause) {
        if (!output().isFlushed()) {
            exchange.refused(Failure.LOST, cause);
        } else if (!decoder.hasLeftover()) {
            exchange.unanswered(kept, cause);
        } else {
            exchange.fail(UpstreamException.of(Failure.LOST, cause));
        }
    }

    private @Nullable BackExchange detach() {
        BackExchange exchange = current;
        current = null;
        return exchange;
    }

    @Override
    public void close() {
        BackExchange exchange = detach();
        disconnected(null);
        channel().close();
        if (exchange != null) {
            exchange.fail(UpstreamException.of(Failure.LOST, new IOException("connection closed by the gateway")));
        }
    }

    // ---- the pool

    @Override
    public boolean hasCapacity() {
        return !closed && current == null && channel().channel().isActive();
    }

    @Override
    public int active() {
        return current == null ? 0 : 1;
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
        return closed;
    }

    // ---- the request

    @Override
    public BackStream start(BackExchange exchange) {
        current = exchange;
        output().begin();
        replyBody = null;
        unread = 0;
        RequestHead head = exchange.head();
        Body body = exchange.exchange().body();
        long length = body.length();
        decoder.expect(head.method().equals("HEAD"));
        framing = length < 0 ? Framing.CHUNKED : length > 0 || sendsLength(head) ? Framing.LENGTH : Framing.NONE;
        if (head.wantsTunnel()) {
            framing = Framing.NONE;
        }
        webSocketKey = head.upgrade() == null ? null : WebSockets.newKey();
        H1Encoder.requestHead(output().buffer(), head, framing, length, webSocketKey);
        output().flushLater();
        return this;
    }

    /** Whether an empty body is worth a word: for methods that usually have one, or where the client said so. */
    private static boolean sendsLength(RequestHead head) {
        return switch (head.method()) {
            case "POST", "PUT", "PATCH" -> true;
            default -> head.fields().contains("content-length");
        };
    }

    @Override
    public void writeData(ByteBuf chunk, boolean last) {
        int bytes = chunk.readableBytes();
        H1Encoder.data(output().buffer(), chunk, last, framing);
        if (tunnel && last) {
            hangUp();
        } else {
            output().flushLater();
        }
        BackExchange exchange = current;
        if (exchange != null && output().written(bytes, last)) {
            exchange.sent(bytes);
        }
    }

    @Override
    public void writeEnd(Fields trailers) {
        if (tunnel) {
            hangUp();
            return;
        }
        H1Encoder.end(output().buffer(), trailers, framing);
        output().flushLater();
    }

    /** Closes this side of the tunnel behind what is written. */
    private void hangUp() {
        hungUp = true;
        output().flushNow();
        SocketEnd.halfClose(channel()); // not at once, which would drop what the socket has not taken
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        BackExchange exchange = current;
        if (exchange == null) {
            return;
        }
        int bytes = output().settle();
        if (bytes > 0) {
            exchange.sent(bytes);
        }
    }

    @Override
    public void cancel() {
        detach();
        disconnected(null);
        if (hungUp) {
            linger();
        } else {
            channel().close(); // HTTP/1.1 has no other way to say that the rest is not wanted
        }
    }

    /** Lets the peer of a tunnel read what was sent last, which a close with unread input would take from it. */
    private void linger() {
        Channel closing = channel().channel();
        input.open(true);
        pool.loop()
                .executor()
                .schedule(() -> closing.close(), pool.settings().linger().toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- the reply

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        BackExchange exchange = current;
        if (message instanceof ByteBuf bytes && exchange != null) {
            exchange.received();
            deliver(replyBody(), bytes, false);
        } else if (exchange == null || tunnel) {
            ReferenceCountUtil.release(message);
            if (!closed && !tunnel && !(message instanceof LastHttpContent)) {
                unsolicited();
            }
        } else if (message instanceof HttpResponse response) {
            head(exchange, response);
        } else if (message instanceof HttpContent content) {
            content(exchange, content);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        if (current == null && !closed && decoder.hasLeftover()) {
            unsolicited();
        }
    }

    private void unsolicited() {
        LOG.debug(
                "upstream connection {} sent what was not asked for", channel().channel());
        report();
        close();
    }

    private void report() {
        pool.loop()
                .exceeded(Limit.UPSTREAM, new FrontInfo(pool.loop(), channel().channel(), HttpVersion.HTTP_1_1, null));
    }

    private void head(BackExchange exchange, HttpResponse response) {
        decoder.headRead();
        if (response.decoderResult().isFailure()) {
            broken(exchange, response.decoderResult().cause());
            return;
        }
        try {
            FieldIntake intake = H1Heads.intake(response);
            Fields fields = intake.fields();
            H1ReplyRules.check(response, intake, webSocketKey != null, pool.settings());
            int status = response.status().code();
            ReplyHead head = new ReplyHead(status, fields);
            if (exchange.exchange().head().isTunnelledBy(status)) {
                openTunnel(exchange, head, intake);
                return;
            }
            interim = head.isInterim();
            if (interim) {
                exchange.interim(head);
                return;
            }
            persistent = response.protocolVersion().minorVersion() > 0 ? !intake.close() : intake.keepAlive();
            reply(exchange, head, intake);
        } catch (ProtocolException | RequestException e) {
            broken(exchange, e);
        }
    }

    private void openTunnel(BackExchange exchange, ReplyHead head, FieldIntake intake) throws ProtocolException {
        if (webSocketKey != null) {
            H1ReplyRules.checkUpgrade(head.fields(), intake, webSocketKey);
        }
        tunnel = true;
        persistent = false;
        InboundBody body = new InboundBody(pool.loop(), exchange, Body.UNKNOWN_LENGTH);
        replyBody = body;
        exchange.tunnel(new ReplyHead(head.status(), head.fields().without(WebSockets.ACCEPT)), body);
        if (!closed) {
            channel().pipeline().remove(decoder); // what came behind the head comes again as bytes
        }
    }

    private InboundBody replyBody() {
        if (replyBody == null) {
            throw new IllegalStateException("no reply body is on its way");
        }
        return replyBody;
    }

    private void reply(BackExchange exchange, ReplyHead head, FieldIntake intake) {
        long length = H1ReplyRules.bodyLength(exchange.exchange().head(), head, intake);
        if (length == 0) {
            replyBody = null;
            exchange.reply(head);
            return;
        }
        boolean delimited = length > 0 || intake.transferEncoding() != null;
        persistent &= delimited; // else the end of the connection is the end of the body
        InboundBody body = new InboundBody(pool.loop(), exchange, length);
        replyBody = body;
        exchange.reply(head, body);
    }

    private void content(BackExchange exchange, HttpContent content) {
        if (content.decoderResult().isFailure()) {
            content.release();
            broken(exchange, content.decoderResult().cause());
            return;
        }
        ByteBuf chunk = content.content();
        boolean last = content instanceof LastHttpContent;
        if (interim && last) {
            interim = false;
            chunk.release();
            return;
        }
        exchange.received();
        InboundBody body = replyBody;
        if (!last) {
            deliver(body, chunk, false);
            return;
        }
        Fields trailers = H1Heads.trailers(((LastHttpContent) content).trailingHeaders());
        boolean reusable = persistent && exchange.isRequestSent() && !decoder.hasLeftover();
        if (trailers.isEmpty()) {
            deliver(body, chunk, true);
        } else {
            deliver(body, chunk, false);
            if (body != null) {
                body.end(trailers);
            }
        }
        replyEnded(exchange, reusable);
    }

    private void deliver(@Nullable InboundBody body, ByteBuf chunk, boolean last) {
        if (body == null) {
            chunk.release();
            return;
        }
        unread += chunk.readableBytes();
        body.data(chunk, last);
        updateReading();
    }

    private void replyEnded(BackExchange exchange, boolean reusable) {
        if (current != exchange) {
            return; // the consumer cancelled at the very end
        }
        current = null;
        kept = true;
        unread = 0;
        updateReading();
        exchange.replyEnded();
        if (!reusable) {
            disconnected(null);
            channel().close();
            return;
        }
        idleSince = pool.loop().ticker().now();
        pool.released(this);
    }

    private void broken(BackExchange exchange, @Nullable Throwable cause) {
        report();
        cancel();
        exchange.fail(UpstreamException.of(Failure.PROTOCOL, cause));
    }

    @Override
    public void replyConsumed(int bytes) {
        unread -= bytes;
        updateReading();
    }

    private void updateReading() {
        if (!closed) {
            input.open(!input.isBehind(unread));
        }
    }

    // ---- time

    @Override
    public void tick(long now) {
        BackExchange exchange = current;
        if (exchange != null) {
            if (exchange.isBehind() && backlog.moved(channel().channel()) > 0) {
                exchange.moved();
            }
            exchange.tick(unread);
        } else if (channel().channel().isActive() // one that is being dialled does not idle
                && pool.loop().ticker().isOver(idleSince, pool.settings().idle())) {
            close();
        }
    }

    private H1Output output() {
        if (output == null) {
            throw new IllegalStateException("handler has not been added");
        }
        return output;
    }

    private ChannelHandlerContext channel() {
        if (ctx == null) {
            throw new IllegalStateException("handler has not been added");
        }
        return ctx;
    }

    @Override
    public String toString() {
        return "HTTP/1.1 upstream connection " + (ctx == null ? "" : ctx.channel());
    }
}
