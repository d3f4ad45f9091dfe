package io.headgate.mux.internal;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.ClientException;
import io.headgate.mux.DeadlineException;
import io.headgate.mux.Limit;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.RequestException;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.netty.buffer.ByteBuf;
import java.net.ProtocolException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One exchange of a client, whichever protocol it speaks: calls the service, sends its reply, and decides how the exchange
 * ends. It is at once the subscriber of the service, the sink of the reply body and the origin of the request body, so an
 * exchange is one object. Subclasses put heads and bytes on the wire.
 *
 * <p>All runs on the event loop of the connection; signals from other threads are moved there.
 */
public abstract class FrontExchange extends ClientPace
        implements CoreSubscriber<HttpReply>, BodySink, BodyOrigin, Consumer<ReplyHead> {

    private static final Logger LOG = LoggerFactory.getLogger(FrontExchange.class);

    private enum Phase {
        /** The service works on the reply. */
        CALLING,
        /** The head of the reply is out, its body is on the way. */
        REPLYING,
        /** The outcome is known; nothing more happens. */
        ENDED
    }

    private final FrontContext context;
    private Phase phase = Phase.CALLING;
    private @Nullable HttpExchange exchange;
    private GuardedObserver observer = GuardedObserver.NONE;
    private @Nullable Subscription call;
    private @Nullable BodyOrigin replyOrigin;
    private Outcome outcome = Outcome.COMPLETE;
    private @Nullable Throwable cause;
    private boolean requestEnded; // nothing of it is awaited any more
    private boolean requestWhole;
    private boolean tunnel; // is open: the bodies are bytes of another protocol, each ending when its sender closes
    private @Nullable ReplyHead replyHead;
    private boolean ending; // the end of the reply is written, and may wait for the client
    private boolean answered; // by the service, so that completion alone is no surprise

    protected FrontExchange(FrontContext context) {
        this.context = context;
    }

    // ---- what the protocol does

    /** Writes an interim head, if the protocol version has them. */
    protected abstract void writeInterim(ReplyHead head);

    /** Writes the final head; with an empty body that ends the message. */
    protected abstract void writeHead(ReplyHead head, Body body);

    /** Writes the head that opens a tunnel; from then on the bytes of both bodies are as they are. */
    protected abstract void writeTunnelHead(ReplyHead head);

    /** Whether a status can tell the client that there will be no tunnel. */
    protected abstract boolean isTunnelRefusal(int status);

    /** Writes bytes, taking ownership; tells {@link #sent} when they have left. */
    protected abstract void writeData(ByteBuf chunk, boolean last);

    /** Writes the end. */
    protected abstract void writeEnd(Fields trailers);

    /** Cuts the message, after its head, so that the client cannot take it for whole. */
    protected abstract void cut(Throwable why);

    /** Whether a reply to this request has no body, whatever its head says. */
    protected abstract boolean isBodiless(int status);

    /** The reply is whole or cut: the connection may go on. */
    protected abstract void ended(Outcome how);

    /** Whether trailers can still end the reply whose head is out. */
    protected abstract boolean carriesTrailers();

    // ---- start

    /** Starts an exchange whose head is valid. */
    protected final void start(RequestHead head, Body body, ConnectionInfo info) {
        Deadline deadline;
        try {
            if (info instanceof FrontInfo front) {
                front.checkTaken(head);
            }
            deadline = Grpc.isGrpc(head) ? Grpc.deadline(head.fields()) : Deadline.NONE;
        } catch (RequestException e) {
            begin(head, body, info, Deadline.NONE);
            answerError(e);
            return;
        }
        HttpExchange begun = begin(head, body, info, deadline);
        if (deadline.isExpired()) {
            answerError(DeadlineException.exceeded());
        } else {
            call(begun);
        }
    }

    private void call(HttpExchange begun) {
        try {
            Mono<HttpReply> reply = context.service().call(begun);
            Objects.requireNonNull(reply, "service: returned null").subscribe(this);
        } catch (RuntimeException e) {
            answerError(e);
        }
    }

    /** Answers a request whose head is not valid; no service sees it. */
    protected final void refuse(RequestHead head, ConnectionInfo info, RequestException why) {
        begin(head, Body.empty(), info, Deadline.NONE);
        context.loop().exceeded(why.limit(), info);
        answerError(why);
    }

    /** Ends a request that is so malformed that the protocol itself answers. */
    protected final void reject(RequestHead head, ConnectionInfo info, RequestException why) {
        begin(head, Body.empty(), info, Deadline.NONE);
        context.loop().exceeded(why.limit(), info);
        end(Outcome.REJECTED, why);
    }

    private HttpExchange begin(RequestHead head, Body body, ConnectionInfo info, Deadline deadline) {
        boolean observed = context.observers() != ExchangeObserver.Factory.NONE;
        Attributes attributes = observed ? ExchangeNotes.attributes() : Attributes.EMPTY;
        HttpExchange begun = new HttpExchange(head, body, info, deadline, attributes, this);
        exchange = begun;
        begin(now());
        context.loop().frontExchanges.add(1);
        context.fronts().exchanges.add(1);
        if (observed) {
            observer = GuardedObserver.of(context.observers(), begun);
            if (requestWhole) {
                observer.onRequestEnd(); // it ended with its head
            }
        }
        return begun;
    }

    // ---- the service's reply

    @Override
    public final Context currentContext() {
        return exchange == null ? Discards.CONTEXT : Discards.CONTEXT.put(HttpExchange.class, exchange);
    }

    @Override
    public final void onSubscribe(Subscription subscription) {
        if (Operators.validate(call, subscription)) {
            call = subscription;
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public final void onNext(HttpReply reply) {
        answered = true;
        if (context.loop().isCurrent()) {
            answer(reply);
        } else {
            context.loop().run(() -> answer(reply));
        }
    }

    @Override
    public final void onError(Throwable error) {
        if (context.loop().isCurrent()) {
            answerError(error);
        } else {
            context.loop().run(() -> answerError(error));
        }
    }

    @Override
    public final void onComplete() {
        if (!answered) {
            onError(new IllegalStateException("service: completed without a reply (expected: one reply)"));
        }
    }

    private void answer(HttpReply reply) {
        if (phase != Phase.CALLING) {
            reply.discard(); // the client is gone: the reply came too late
            return;
        }
        RequestHead request = exchange().head();
        if (request.isTunnelledBy(reply.status())) {
            openTunnel(reply);
            return;
        }
        if (reply.status() == 101 || request.wantsTunnel() && !isTunnelRefusal(reply.status())) {
            reply.discard();
            answerError(UpstreamException.of(
                    Failure.PROTOCOL,
                    new ProtocolException("status: " + reply.status() + " (expected: 101 exactly when "
                            + request.upgrade() + " begins)")));
            return;
        }
        phase = Phase.REPLYING;
        ReplyHead head = reply.head();
        Body body = reply.body();
        boolean bodiless = isBodiless(head.status());
        replyHead = head;
        observer.onReplyHead(head);
        writeHead(head, body);
        if (bodiless && !body.isEmpty()) {
            body.discard();
        }
        if (bodiless || body.isEmpty()) {
            end(outcome, cause);
        } else {
            Bodies.pipe(body, this, context.loop());
        }
    }

    private void openTunnel(HttpReply reply) {
        phase = Phase.REPLYING;
        tunnel = true;
        stir(now());
        observer.onReplyHead(reply.head());
        writeTunnelHead(reply.head());
        Bodies.pipe(reply.body(), this, context.loop());
    }

    /** Fails: with a reply while that is still possible, else by cutting the one that has begun. */
    protected final void answerError(Throwable error) {
        if (phase == Phase.ENDED) {
            LOG.debug("{} failed after its end", exchange, error);
            return;
        }
        boolean rejected = error instanceof GatewayException known && known.is(Trait.REJECTED);
        outcome = rejected ? Outcome.REJECTED : Outcome.FAILED;
        cause = error;
        if (phase == Phase.REPLYING) {
            if (ending || !endWithStatus(error)) {
                cut(error);
                end(outcome, error);
            }
            return;
        }
        if (call != null) {
            call.cancel();
        }
        answer(context.answer(error, exchange()));
    }

    /** Ends a gRPC reply that fails with the status of the failure: trailers tell the client more than a cut. */
    private boolean endWithStatus(Throwable error) {
        if (replyHead == null || !replyHead.isGrpc() || !Grpc.isGrpc(exchange().head()) || !carriesTrailers()) {
            return false;
        }
        HttpReply status = context.answer(error, exchange());
        status.discard();
        if (!Grpc.hasStatus(status.fields())) {
            return false; // a responder that does not know gRPC
        }
        ending = true;
        observer.onReplyTrailers(status.fields());
        writeEnd(status.fields());
        if (replyOrigin != null) {
            replyOrigin.abandon();
        }
        return true;
    }

    @Override
    public final void accept(ReplyHead head) {
        if (!head.isInterim()) {
            throw new IllegalArgumentException("status: " + head.status() + " (expected: 100..199 but 101)");
        }
        context.loop().run(() -> {
            if (phase == Phase.CALLING) {
                writeInterim(head);
            }
        });
    }

    // ---- the reply body, as its sink

    @Override
    public final void begin(BodyOrigin origin) {
        replyOrigin = origin;
    }

    @Override
    public final void data(ByteBuf chunk, boolean last) {
        if (phase != Phase.REPLYING || ending) {
            int bytes = chunk.readableBytes();
            chunk.release();
            returnReplyCredit(bytes);
            return;
        }
        int bytes = chunk.readableBytes();
        handOver(bytes, now());
        ending = last;
        if (bytes > 0) {
            observer.onReplyData(bytes);
        }
        writeData(chunk, last);
    }

    @Override
    public final void end(Fields trailers) {
        if (phase == Phase.REPLYING && !ending) {
            ending = true;
            if (!trailers.isEmpty()) {
                observer.onReplyTrailers(trailers);
            }
            writeEnd(trailers);
        }
    }

    @Override
    public final void fail(Throwable error) {
        if (!ending) {
            answerError(error);
        }
    }

    /** Bytes of the reply have left for the client. */
    protected final void sent(int bytes) {
        settle(bytes);
        moved(bytes);
        returnReplyCredit(bytes);
    }

    private void returnReplyCredit(int bytes) {
        if (replyOrigin != null && bytes > 0) {
            replyOrigin.consumed(bytes);
        }
    }

    /** The reply is whole: its last byte and its trailers have been written. */
    protected final void replySent() {
        end(outcome, cause);
    }

    // ---- the client

    /** Bytes of the request have arrived. */
    protected final void received(int bytes) {
        give(bytes, now());
        if (bytes > 0 && phase != Phase.ENDED) {
            observer.onRequestData(bytes);
        }
    }

    /** The request is whole. */
    protected final void requestEnded() {
        requestEnded = true;
        requestWhole = true;
        if (phase != Phase.ENDED) {
            observer.onRequestEnd();
        }
    }

    /** Nothing more of the request is awaited, though it was not whole. */
    protected final void requestGivenUp() {
        requestEnded = true;
    }

    /** The client is gone, or the rest of its request is of no use: nothing more can be said to it. */
    protected final void clientGone(Throwable why) {
        if (phase == Phase.ENDED) {
            return;
        }
        boolean stillCalling = phase == Phase.CALLING;
        end(Outcome.CANCELLED, why);
        if (stillCalling && call != null) {
            call.cancel();
        }
        if (replyOrigin != null) {
            replyOrigin.abandon();
        }
    }

    /** The client has closed its end of a tunnel, properly, and with it the only way to tell it anything. */
    protected final void hungUp() {
        end(Outcome.COMPLETE, null);
        if (replyOrigin != null) {
            replyOrigin.abandon();
        }
    }

    /** The client has taken some of the bytes that wait for it. */
    protected final void moved(int bytes) {
        take(bytes, now());
    }

    /** Looks at the timeouts of this exchange. */
    protected final void tick() {
        Ticker ticker = context.loop().ticker();
        MuxSettings settings = context.settings();
        Deadline deadline = exchange().deadline();
        if (!deadline.isNone() && cause == null && !ending && !tunnel && deadline.isExpired()) {
            answerError(DeadlineException.exceeded());
        } else if (isClientBehind()) {
            if (tookTooLittle(ticker, settings)) {
                context.loop().exceeded(Limit.SLOW_READER, exchange().connection());
                ClientException slow = ClientException.gone("reply: not taken by the client in time", null);
                cut(slow);
                clientGone(slow);
            }
        } else if (tunnel) {
            if (isIdle(ticker, settings.tunnelIdle())) {
                answerError(ClientException.gone("tunnel: no bytes in time", null));
            }
        } else if (!requestEnded && !exchange().head().wantsTunnel()) {
            tickRequest(ticker, settings);
        }
    }

    private void tickRequest(Ticker ticker, MuxSettings settings) {
        boolean tooSlow = phase == Phase.CALLING && gaveTooLittle(ticker, settings);
        boolean known = isClientsTurn() && !exchange().head().isGrpc(); // that it is the client's fault
        if (isIdle(ticker, settings.streamIdle()) || tooSlow && known) {
            stalled();
        }
    }

    private void stalled() {
        context.loop().exceeded(Limit.SLOW_BODY, exchange().connection());
        requestStalled(ClientException.stalled());
    }

    /** Whether nothing but the client keeps the rest of the request back. */
    protected abstract boolean isClientsTurn();

    /** The rest of the request does not come: fails it, and answers unless a reply is on its way. */
    protected abstract void requestStalled(ClientException why);

    // ---- end

    private void end(Outcome how, @Nullable Throwable why) {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.ENDED;
        context.loop().frontExchanges.add(-1);
        context.fronts().exchanges.add(-1);
        HttpExchange begun = exchange();
        observer.onEnd(how, why);
        if (how != Outcome.COMPLETE && replyOrigin != null) {
            replyOrigin.abandon();
        }
        begun.body().discard();
        ended(how);
    }

    private long now() {
        return context.loop().ticker().now();
    }

    // ---- for subclasses

    public final boolean isEnded() {
        return phase == Phase.ENDED;
    }

    protected final boolean isReplying() {
        return phase == Phase.REPLYING;
    }

    protected final boolean isTunnel() {
        return tunnel;
    }

    protected final boolean isRequestEnded() {
        return requestEnded;
    }

    protected final FrontContext context() {
        return context;
    }

    protected final HttpExchange exchange() {
        if (exchange == null) {
            throw new IllegalStateException("exchange has not begun");
        }
        return exchange;
    }

    @Override
    public final String toString() {
        return exchange == null ? "exchange that has not begun" : exchange.toString();
    }
}
