package io.headgate.mux.internal;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.DeadlineException;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.resolve.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One exchange with an upstream, whichever protocol it speaks: waits for a connection, sends the request, delivers the
 * reply, and tries again what no upstream can have processed. It is at once the subscription of the caller, the sink of
 * the request body and the origin of the reply body.
 */
public final class BackExchange implements Subscription, BodySink, BodyOrigin {

    private static final int MOST_INTERIM = 16;

    private enum Phase {
        IDLE,
        /** Waits for a connection. */
        WAITING,
        /** The head of the request is out. */
        SENT,
        /** The head of the reply is in. */
        REPLYING,
        ENDED
    }

    private final Target target;
    private final Loop loop;
    private final HttpExchange exchange;
    private final CoreSubscriber<? super HttpReply> actual;
    private Phase phase = Phase.IDLE;
    private int attempts;
    private int interims;
    private boolean bereft; // of a connection that no keep-alive race can have closed
    private @Nullable Pool pool;
    private @Nullable BackStream stream;
    private @Nullable BodyOrigin requestOrigin;
    private @Nullable InboundBody replyBody;
    private boolean requestEnded;
    private boolean tunnel; // is open
    private int unsent; // bytes of the request that the upstream has not taken
    private long lastMove; // when bytes last moved, on the clock of the ticker

    public BackExchange(Target target, Loop loop, HttpExchange exchange, CoreSubscriber<? super HttpReply> actual) {
        this.target = target;
        this.loop = loop;
        this.exchange = exchange;
        this.actual = actual;
    }

    public HttpExchange exchange() {
        return exchange;
    }

    /** The head of the request as it goes to the upstream now. */
    public RequestHead head() {
        Deadline deadline = exchange.deadline();
        return deadline.isNone() ? exchange.head() : Grpc.forward(exchange.head(), deadline);
    }

    // ---- the caller's side

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            if (loop.isCurrent()) {
                open();
            } else if (!loop.run(this::open)) {
                exchange.body().discard();
                actual.onError(UpstreamException.unprocessed(Failure.CONNECT, new IOException("gateway is closed")));
            }
        }
    }

    private void open() {
        if (phase == Phase.IDLE) {
            loop.backExchanges.add(1);
            acquire();
        }
    }

    @Override
    public void cancel() {
        loop.run(this::cancelled);
    }

    private void cancelled() {
        switch (phase) {
            case IDLE -> {
                phase = Phase.ENDED;
                exchange.body().discard();
            }
            case WAITING -> {
                leavePool();
                end();
            }
            case SENT -> {
                cancelStream();
                end();
            }
            case REPLYING, ENDED -> {} // the reply has been delivered: its body is the caller's to cancel
        }
    }

    // ---- a connection

    private void acquire() {
        if (exchange.deadline().isExpired()) {
            fail0(DeadlineException.exceeded());
            return;
        }
        phase = Phase.WAITING;
        lastMove = loop.ticker().now();
        Pool chosen = target.pool(loop, pool);
        pool = chosen;
        attempts++;
        Endpoint endpoint = chosen.endpoint();
        if (endpoint != null) {
            ExchangeNotes.note(exchange, Endpoint.KEY, endpoint);
        }
        chosen.acquire(this);
    }

    private void leavePool() {
        if (pool != null) {
            pool.leave(this);
        }
    }

    boolean isFirstAttempt() {
        return attempts <= 1;
    }

    boolean isWaiting() {
        return phase == Phase.WAITING;
    }

    /** Takes a connection and sends the request on it. */
    void send(BackConnection connection) {
        phase = Phase.SENT;
        lastMove = loop.ticker().now();
        // of a tunnel nothing leaves before it is open: what came too early would be read as HTTP
        requestEnded = exchange.body().isEmpty() || exchange.head().wantsTunnel();
        int attempt = attempts;
        BackStream opened = connection.start(this);
        if (phase != Phase.SENT || attempts != attempt) {
            return; // the very start failed, and another attempt may be under way already
        }
        stream = opened;
        if (!requestEnded) {
            Bodies.pipe(exchange.body(), this, loop);
        }
    }

    // ---- the request body, as its sink

    @Override
    public void begin(BodyOrigin origin) {
        requestOrigin = origin;
    }

    @Override
    public void data(ByteBuf chunk, boolean last) {
        if (!isOnWire()) {
            int bytes = chunk.readableBytes();
            chunk.release();
            returnRequestCredit(bytes);
            return;
        }
        if (unsent == 0) {
            lastMove = loop.ticker().now(); // nothing waited until now
        }
        unsent += chunk.readableBytes();
        requestEnded |= last;
        stream().writeData(chunk, last);
    }

    @Override
    public void end(Fields trailers) {
        if (isOnWire()) {
            requestEnded = true;
            stream().writeEnd(trailers);
        }
    }

    @Override
    public void fail(Throwable cause) {
        if (isOnWire()) {
            requestEnded = true;
            cancelStream();
        }
        fail0(cause);
    }

    /** Bytes of the request have left for the upstream. */
    public void sent(int bytes) {
        unsent -= bytes;
        lastMove = loop.ticker().now();
        returnRequestCredit(bytes);
    }

    private void returnRequestCredit(int bytes) {
        if (requestOrigin != null && bytes > 0) {
            requestOrigin.consumed(bytes);
        }
    }

    // ---- the reply, from the wire

    /** An interim head; there may not be many. */
    public void interim(ReplyHead head) throws ProtocolException {
        if (++interims > MOST_INTERIM) {
            throw new ProtocolException("interim replies: " + interims + " (expected: at most " + MOST_INTERIM + ")");
        }
        lastMove = loop.ticker().now();
        exchange.interim().accept(head);
    }

    /** The final head of a reply without a body. */
    public void reply(ReplyHead head) {
        deliver(new HttpReply(head, Body.empty()));
    }

    /** The final head of a reply whose body follows. */
    public void reply(ReplyHead head, InboundBody body) {
        replyBody = body;
        deliver(new HttpReply(head, body));
    }

    /** The head that opens the tunnel that was asked for; its bytes follow. */
    public void tunnel(ReplyHead head, InboundBody body) {
        tunnel = true;
        requestEnded = false;
        reply(head, body);
        if (phase == Phase.REPLYING) {
            Bodies.pipe(exchange.body(), this, loop);
        }
    }

    private void deliver(HttpReply reply) {
        phase = Phase.REPLYING;
        lastMove = loop.ticker().now();
        actual.onNext(reply);
        actual.onComplete();
    }

    /** Bytes of the reply have come. */
    public void received() {
        lastMove = loop.ticker().now();
    }

    /** The reply is whole; whether the request is decides what becomes of the connection. */
    public void replyEnded() {
        end();
    }

    /** Whether the request has left to its last byte. */
    public boolean isRequestSent() {
        return requestEnded && unsent == 0;
    }

    /** Nothing can have been processed: tries again elsewhere if the body is still untouched, else fails. */
    public void refused(Failure failure, @Nullable Throwable cause) {
        if (!isOnWire() && phase != Phase.WAITING) {
            return;
        }
        boolean untouched = requestOrigin == null; // nobody has asked for a byte of the body
        if (phase == Phase.REPLYING || !untouched) {
            fail(UpstreamException.of(failure, cause));
        } else if (attempts < target.maxAttempts()) {
            stream = null;
            acquire();
        } else {
            fail(UpstreamException.unprocessed(failure, cause));
        }
    }

    /**
     * The connection was lost before a byte of the reply: tries again elsewhere if processing the request twice does no
     * harm (RFC 9110 section 9.2.2), else fails. Upstreams close kept connections as they please, just as a request comes,
     * too. Others they lose when they go away: the kernel resets what it has accepted for them. But such a loss may be the
     * work of the request, so it is forgiven once: what fells servers must not be handed round.
     *
     * @param kept whether the connection had waited for a request
     */
    public void unanswered(boolean kept, Throwable cause) {
        boolean repeatable = requestOrigin == null && exchange.body().isEmpty() && isIdempotent();
        boolean forgiven = kept || !bereft;
        if (phase == Phase.SENT && interims == 0 && repeatable && forgiven && attempts < target.maxAttempts()) {
            bereft |= !kept;
            stream = null;
            acquire();
        } else {
            fail(UpstreamException.of(Failure.LOST, cause));
        }
    }

    private boolean isIdempotent() {
        return switch (exchange.head().method()) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** The upstream has reset the stream; one that does so because the deadline has passed has the same deadline. */
    public void reset(long code, Throwable cause) {
        Deadline deadline = exchange.deadline();
        boolean late = code == Http2Error.CANCEL.code() && !deadline.isNone() && deadline.isExpired();
        fail0(late ? DeadlineException.exceeded() : UpstreamException.reset(code, cause));
    }

    /** The exchange has failed on the wire, or before it got there. */
    public void fail(UpstreamException why) {
        fail0(why);
    }

    private void fail0(Throwable why) {
        Phase was = phase;
        if (was == Phase.ENDED) {
            return;
        }
        InboundBody body = replyBody;
        end();
        if (was == Phase.REPLYING) {
            if (body != null) {
                body.fail(why);
            }
        } else {
            actual.onError(why);
        }
    }

    // ---- the reply body, as its origin

    @Override
    public void consumed(int bytes) {
        lastMove = loop.ticker().now();
        if (phase == Phase.REPLYING && bytes > 0) {
            stream().replyConsumed(bytes);
        }
    }

    @Override
    public void abandon() {
        if (phase == Phase.REPLYING) {
            cancelStream();
            end();
        }
    }

    // ---- time

    /** Whether bytes wait for the upstream. */
    public boolean isBehind() {
        return unsent > 0;
    }

    /** Some of the bytes that wait for the upstream have gone on their way. */
    public void moved() {
        lastMove = loop.ticker().now();
    }

    /** Looks at the timeouts of this exchange; {@code unread} bytes of its reply wait for the consumer. */
    public void tick(int unread) {
        Ticker ticker = loop.ticker();
        MuxSettings settings = target.settings();
        if (!exchange.deadline().isNone() && exchange.deadline().isExpired()) {
            deadlineExceeded();
        } else if (phase == Phase.WAITING) {
            if (ticker.isOver(lastMove, settings.response())) {
                leavePool();
                fail(UpstreamException.unprocessed(Failure.OVERLOADED, null));
            }
        } else if (phase == Phase.SENT) {
            boolean stalled = unsent > 0 && ticker.isOver(lastMove, settings.progress());
            boolean silent = requestEnded && ticker.isOver(lastMove, settings.response());
            if (stalled || silent) {
                timeOut();
            }
        } else if (phase == Phase.REPLYING
                && isSilent(unread)
                && ticker.isOver(lastMove, tunnel ? settings.tunnelIdle() : settings.streamIdle())) {
            timeOut();
        }
    }

    /** Whether nothing comes, or nobody wants what has come; a consumer that is slow is its own connection's matter. */
    private boolean isSilent(int unread) {
        return unread == 0 || replyBody != null && replyBody.isUntouched();
    }

    private void deadlineExceeded() {
        if (phase == Phase.WAITING) {
            leavePool();
        }
        cancelStream();
        fail0(DeadlineException.exceeded());
    }

    private void timeOut() {
        cancelStream();
        fail(UpstreamException.of(Failure.TIMEOUT, null));
    }

    // ---- end

    private void cancelStream() {
        BackStream open = stream;
        stream = null;
        if (open != null) {
            open.cancel();
        }
    }

    private void end() {
        phase = Phase.ENDED;
        loop.backExchanges.add(-1);
        if (requestEnded && !exchange.head().wantsTunnel()) {
            return;
        }
        if (requestOrigin == null) {
            exchange.body().discard();
        } else if (!requestEnded) {
            requestOrigin.abandon();
        }
    }

    private boolean isOnWire() {
        return phase == Phase.SENT || phase == Phase.REPLYING;
    }

    private BackStream stream() {
        if (stream == null) {
            throw new IllegalStateException("exchange is not on the wire");
        }
        return stream;
    }

    @Override
    public String toString() {
        return exchange + " " + phase;
    }
}
