package io.headgate.mux.internal.h1;

import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.http.RequestSyntax;
import io.headgate.mux.ClientException;
import io.headgate.mux.ClosedException;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.Backlog;
import io.headgate.mux.internal.Failures;
import io.headgate.mux.internal.FrontConnection;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.FrontInfo;
import io.headgate.mux.internal.FrontTls;
import io.headgate.mux.internal.SocketEnd;
import io.headgate.mux.internal.Ticker;
import io.headgate.mux.internal.Timed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client connection that speaks HTTP/1.1: one exchange at a time, pipelined requests wait in order (RFC 9112 section
 * 9.3.2). Reading stops while the client is ahead: when a body waits for its consumer, or a request for its turn.
 */
public final class H1Front extends ChannelInboundHandlerAdapter implements FrontConnection, Timed {

    private static final Logger LOG = LoggerFactory.getLogger(H1Front.class);
    private static final RequestHead UNREADABLE = RequestHead.of("GET", "unknown", "/");

    private enum State {
        OPEN,
        /** No more requests are taken; what has begun is finished. */
        CLOSING,
        /** The sending half is closed; what the client still sends is read and dropped. */
        LINGERING,
        CLOSED
    }

    private final FrontContext context;
    private final @Nullable FrontTls tls;
    private final H1Decoders.Requests decoder;
    private final H1Input input;
    private final H1Queue waiting = new H1Queue();
    private State state = State.OPEN;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable H1Output output;
    private @Nullable H1FrontExchange current;
    private Ticker.@Nullable Registration timer;
    private @Nullable FrontInfo info;
    private boolean draining;
    private final Backlog backlog = new Backlog();
    private boolean ignoring; // what comes after the last request that is taken
    private long since; // when the wait for a head, or for the client to leave, began; 0 while there is none
    private long idleSince; // when the last exchange ended

    private H1Front(Channel channel, FrontContext context, @Nullable FrontTls tls) {
        this.context = context;
        this.tls = tls;
        this.decoder = new H1Decoders.Requests(context.settings());
        this.input = new H1Input(channel, context.settings().bodyBuffer());
    }

    /**
     * Makes a pipeline speak HTTP/1.1 to a client.
     *
     * @param tls what protects the connection; null for cleartext
     */
    public static void install(ChannelPipeline pipeline, FrontContext context, @Nullable FrontTls tls) {
        H1Front front = new H1Front(pipeline.channel(), context, tls);
        pipeline.addLast("h1-decoder", front.decoder).addLast("h1-front", front);
    }

    // ---- life

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        output = new H1Output(context.loop(), added);
        timer = context.loop().ticker().register(this);
        since = context.loop().ticker().now();
        context.fronts().handledBy(added.channel(), this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        close(null);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        close(null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        Failures.log(LOG, "client connection", failed.channel(), cause);
        close(cause);
        failed.close();
    }

    private void close(@Nullable Throwable cause) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (timer != null) {
            timer.close();
        }
        output().close();
        waiting.release();
        H1FrontExchange exchange = current;
        current = null;
        if (exchange != null) {
            exchange.lost(cause);
        }
    }

    // ---- reading

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        if (message instanceof ByteBuf bytes) {
            tunnelled(bytes);
            return;
        }
        if (message instanceof HttpRequest) {
            decoder.headRead();
        }
        ignoring |= state == State.CLOSING && message instanceof HttpRequest;
        if (ignoring || state == State.LINGERING || state == State.CLOSED) {
            ReferenceCountUtil.release(message);
        } else if (!waiting.isEmpty() || message instanceof HttpRequest && current != null) {
            waiting.add((HttpObject) message);
            updateReading();
        } else {
            handle((HttpObject) message);
        }
    }

    private void tunnelled(ByteBuf bytes) {
        if (current != null && state != State.LINGERING && state != State.CLOSED) {
            current.requestData(bytes, false);
        } else {
            bytes.release();
        }
    }

    private void handle(HttpObject message) {
        if (message instanceof HttpRequest request) {
            begin(request);
        } else if (message instanceof HttpContent content) {
            content(content);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest request) {
        H1FrontExchange exchange = newExchange();
        since = 0;
        if (request.decoderResult().isFailure()) {
            ReferenceCountUtil.release(request);
            refuse(exchange, UNREADABLE, H1Heads.refusal(request.decoderResult().cause(), context.settings()));
            return;
        }
        H1Heads.Request read;
        try {
            read = H1Heads.request(request, tls != null, context.settings());
        } catch (RequestException e) {
            refuse(exchange, unreadable(request.method().name()), e);
            return;
        }
        exchange.start(read);
    }

    private H1FrontExchange newExchange() {
        H1FrontExchange exchange = new H1FrontExchange(this);
        current = exchange;
        output().begin();
        return exchange;
    }

    private static RequestHead unreadable(String method) {
        return RequestSyntax.isMethod(method) ? UNREADABLE.withMethod(method) : UNREADABLE;
    }

    private void refuse(H1FrontExchange exchange, RequestHead known, RequestException why) {
        state = State.CLOSING; // after a head that was not understood nothing that follows can be trusted
        exchange.refuse(known, why);
    }

    private void content(HttpContent content) {
        H1FrontExchange exchange = current;
        if (exchange == null || !exchange.wantsRest() || exchange.wantsTunnel()) {
            content.release(); // the end of a request without a body, or what follows a refusal
            return;
        }
        if (content.decoderResult().isFailure()) {
            content.release();
            state = State.CLOSING;
            context.loop().exceeded(Limit.SYNTAX, info(HttpVersion.HTTP_1_1));
            exchange.requestBroken(ClientException.malformed(
                    "request body: malformed (expected: chunked coding as of RFC 9112)",
                    content.decoderResult().cause()));
            return;
        }
        if (content instanceof LastHttpContent end) {
            exchange.requestEnd(end.content(), H1Heads.trailers(end.trailingHeaders()));
            exchangeChanged(exchange);
        } else {
            exchange.requestData(content.content(), false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        if (current == null && since == 0 && decoder.isInsideHead()) {
            since = context.loop().ticker().now(); // the first bytes of a next head start its clock
        }
        if (decoder.held() > 0) {
            updateReading();
        }
    }

    // ---- tunnels

    /** Leaves what comes undecoded: the request that was read last may turn the connection into a tunnel. */
    void awaitTunnel() {
        decoder.hold();
    }

    /** There will be no tunnel: what has come is HTTP after all. */
    void declineTunnel() {
        decoder.goOn();
        context.loop()
                .executor()
                .execute(
                        () -> { // not from here, which may be within the decoder
                            ChannelHandlerContext held = channel().pipeline().context(decoder);
                            if (held != null) {
                                decoder.decodeHeld(held);
                                updateReading();
                            }
                        });
    }

    /** From here on the connection is a tunnel; what has come since the request goes into it. */
    void openTunnel() {
        state = State.CLOSING;
        channel().pipeline().remove(decoder);
    }

    /** Reads on or stops, whichever the present exchange and the queue ask for. */
    void updateReading() {
        boolean wanted = state == State.LINGERING
                || state == State.OPEN && waiting.isEmpty() && !isBehind()
                || state == State.CLOSING && !isBehind();
        if (state != State.CLOSED) {
            input.open(wanted);
        }
    }

    private boolean isBehind() {
        H1FrontExchange exchange = current;
        return exchange != null && input.isBehind(exchange.unread() + decoder.held());
    }

    // ---- exchanges

    /** The exchange, its request or both have ended: the connection goes on when both have. */
    void exchangeChanged(H1FrontExchange exchange) {
        if (current != exchange || !exchange.isEnded() || state == State.CLOSED) {
            return;
        }
        boolean whole = !exchange.wantsRest();
        if (!whole && exchange.isPersistent() && state == State.OPEN && awaitRest(exchange)) {
            return;
        }
        current = null;
        since = 0;
        if (!exchange.isPersistent() || state != State.OPEN || !whole) {
            leave(whole);
            return;
        }
        since = decoder.isInsideHead() ? context.loop().ticker().now() : 0;
        idleSince = context.loop().ticker().now();
        next();
    }

    /** Whether the rest of a request that is answered is worth waiting for. */
    private boolean awaitRest(H1FrontExchange exchange) {
        if (!exchange.isAbandoned()) {
            return true; // the service still reads it
        }
        if (since == 0) {
            since = context.loop().ticker().now();
        }
        return exchange.restIsShort();
    }

    private void next() {
        if (draining) {
            return;
        }
        draining = true;
        while (!waiting.isEmpty() && state != State.CLOSED && !(waiting.isAtHead() && current != null)) {
            handle(waiting.remove());
        }
        draining = false;
        updateReading();
    }

    /** Closes when all is sent; without losing what is sent to input that nobody read. */
    private void leave(boolean inputRead) {
        output().flushNow();
        boolean expected = state == State.OPEN && !context.fronts().isDraining(); // by the client, which sends no more
        boolean nothingUnread = inputRead && waiting.isEmpty() && expected;
        waiting.release();
        if (state == State.CLOSED) {
            return;
        }
        since = context.loop().ticker().now();
        if (nothingUnread) {
            state = State.CLOSING;
            channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        state = State.LINGERING;
        updateReading();
        if (tls == null) { // a provider that has said goodbye may not read on: by TLS the client goes first
            SocketEnd.halfClose(channel());
        }
    }

    /**
     * Ends the connection so that the client sees its reply cut short.
     *
     * @param delimitedByClose whether a proper close would look like the end of the reply, so that only a reset will do
     */
    void cut(boolean delimitedByClose) {
        if (state != State.CLOSED) {
            output().flushNow();
            state = State.CLOSING;
            if (delimitedByClose) {
                SocketEnd.reset(channel().channel());
            } else {
                channel().close();
            }
        }
    }

    // ---- drain

    @Override
    public int active() {
        return current == null ? 0 : 1;
    }

    @Override
    public void drain() {
        // the next reply says so, and tick() sees to a client that does not ask for one
    }

    @Override
    public void end() {
        H1FrontExchange exchange = current;
        if (state != State.OPEN && state != State.CLOSING) {
            return;
        }
        if (exchange == null) {
            leave(false);
            return;
        }
        state = State.CLOSING;
        exchange.end(new ClosedException());
    }

    /** Whether the next reply is the last one; requests that are here already are answered before that. */
    boolean isClosing() {
        return state != State.OPEN || context.fronts().isDraining() && !waiting.hasHead();
    }

    private boolean isTimeToLeave() {
        return state == State.OPEN
                && !decoder.isInsideHead()
                && context.fronts().isTimeToLeave(since != 0 ? since : idleSince);
    }

    // ---- writing

    H1Output output() {
        if (output == null) {
            throw new IllegalStateException("handler has not been added");
        }
        return output;
    }

    /** Bytes of a reply were written. */
    void wrote(int bytes, boolean last) {
        output().flushLater();
        H1FrontExchange exchange = current;
        if (exchange != null && output().written(bytes, last)) {
            exchange.replyBytesLeft(bytes);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        H1FrontExchange exchange = current;
        if (exchange == null) {
            return;
        }
        int bytes = output().settle();
        if (bytes > 0) {
            exchange.replyBytesLeft(bytes);
        }
    }

    // ---- time

    @Override
    public void tick(long now) {
        Ticker ticker = context.loop().ticker();
        H1FrontExchange exchange = current;
        if (state == State.LINGERING) {
            if (ticker.isOver(since, context.settings().linger())) {
                channel().close();
            }
        } else if (exchange != null) {
            exchange.onTick(exchange.isBehind() ? backlog.moved(channel().channel()) : 0);
            if (!input.isOpen() && Backlog.isReset(channel().channel())) {
                channel().close(); // the client is gone, and unread bytes of it would hide that
            }
            if (since != 0 && ticker.isOver(since, context.settings().linger())) {
                exchange.restIsLate();
            }
        } else if (isTimeToLeave()) {
            leave(false);
        } else if (since != 0) {
            if (ticker.isOver(since, context.settings().requestHead())) {
                headTimedOut();
            }
        } else if (ticker.isOver(idleSince, context.settings().idle())) {
            channel().close();
        }
    }

    private void headTimedOut() {
        if (!decoder.isInsideHead()) {
            channel().close(); // not one byte came: there is nothing to answer
            return;
        }
        refuse(newExchange(), UNREADABLE, H1Heads.late(context.settings()));
    }

    // ---- for exchanges

    FrontContext context() {
        return context;
    }

    FrontInfo info(HttpVersion version) {
        FrontInfo known = info;
        if (known == null || known.version() != version) {
            known = new FrontInfo(context.loop(), channel().channel(), version, tls);
            info = known;
        }
        return known;
    }

    private ChannelHandlerContext channel() {
        if (ctx == null) {
            throw new IllegalStateException("handler has not been added");
        }
        return ctx;
    }

    @Override
    public String toString() {
        return "HTTP/1.1 client connection " + (ctx == null ? "" : ctx.channel());
    }
}
