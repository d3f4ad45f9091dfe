package io.headgate.rpc.zrepl;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Faults;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One call of this side, from its turn to the last frame of the answer. What its caller is told and what goes on on the wire
 * are two things: a caller who has gone leaves an answer that must be read to its end.
 */
final class OutgoingCall implements Subscription, BodyFeed.Owner, InboundBody.Owner {

    private static final int NEW = 0;
    private static final int BEGUN = 1;
    private static final int CANCELLED = 2;

    private static final AtomicIntegerFieldUpdater<OutgoingCall> STATE =
            AtomicIntegerFieldUpdater.newUpdater(OutgoingCall.class, "state");

    private final RpcRequest request;
    private final CoreSubscriber<? super RpcReply> actual;
    private final Caller caller;
    private volatile int state;

    // From here on for the thread of the connection alone.
    private @Nullable BodyFeed feed;
    private @Nullable InboundBody reply;
    private long began;
    private long deadline = Long.MAX_VALUE;
    private long leaveBy = Long.MAX_VALUE; // when the rest of an answer that nobody wants must have come
    private int leftover;
    private boolean sent;
    private boolean answered;
    private boolean emitted;
    private boolean replyEnded;
    private boolean told;

    OutgoingCall(RpcRequest request, CoreSubscriber<? super RpcReply> actual, Caller caller) {
        this.request = request;
        this.actual = actual;
        this.caller = caller;
    }

    @Override
    public String endpoint() {
        return request.endpoint();
    }

    RpcRequest request() {
        return request;
    }

    // ---- the caller's side

    @Override
    public void request(long n) {
        if (!Operators.validate(n) || !STATE.compareAndSet(this, NEW, BEGUN)) {
            return;
        }
        if (host().inLoop()) {
            caller.submit(this);
        } else {
            host().run(() -> caller.submit(this));
        }
    }

    @Override
    public void cancel() {
        if (STATE.getAndSet(this, CANCELLED) == NEW) {
            request.body().discard();
        } else {
            host().run(() -> {
                if (!answered) {
                    leave(RpcStatus.CANCELLED, null);
                }
            });
        }
    }

    @Override
    public CallHost host() {
        return caller.host();
    }

    // ---- its turn

    /** It waits, or begins at once. */
    void submitted(long now) {
        began = now;
        long left = request.deadline().remainingNanos();
        deadline = left == Long.MAX_VALUE ? Long.MAX_VALUE : now + left;
        host().watch().call(false, endpoint());
    }

    /** It was cancelled before it came here. Nobody has heard of it, and nobody will. */
    void neverMind() {
        told = true;
        Sources.discard(endpoint(), request.body());
    }

    void start(MessageWriter out) {
        feed = new BodyFeed(request.body(), request.content(), host(), out, this);
        feed.start();
    }

    boolean isCancelled() {
        return state == CANCELLED;
    }

    boolean needsTime() {
        return deadline != Long.MAX_VALUE || leaveBy != Long.MAX_VALUE;
    }

    void tick(long now) {
        if (deadline != Long.MAX_VALUE && now - deadline >= 0 && !told) {
            deadline = Long.MAX_VALUE;
            leave(
                    RpcStatus.DEADLINE_EXCEEDED,
                    RpcException.of(RpcStatus.DEADLINE_EXCEEDED, endpoint() + ": not answered before its deadline"));
        } else if (leaveBy != Long.MAX_VALUE && now - leaveBy >= 0) {
            host().fail(Ending.of(
                    Ending.Kind.ABORTED,
                    "answer of " + endpoint() + ": nobody wants it, and it has not ended (expected: within "
                            + host().settings().close() + ")"));
        }
    }

    // ---- the request

    @Override
    public void begin() {
        caller.out()
                .head(CallHeader.request(
                        endpoint(), Statuses.toWire(request.content()), Statuses.toWire(request.accept())));
    }

    @Override
    public void sent() {
        sent = true;
        host().flush();
        overWhenDone();
    }

    @Override
    public void failed(Throwable error) {
        boolean begun = hasBegun();
        tell(Faults.toSend(endpoint(), error));
        if (begun) {
            host().fail(new Ending(
                    Ending.Kind.ABORTED, "request of " + endpoint() + ": its body failed amid a message", error));
        } else {
            caller.over(this);
        }
    }

    void writable() {
        if (feed != null && !sent) {
            feed.resume();
        }
    }

    private boolean hasBegun() {
        return feed != null && feed.hasBegun();
    }

    // ---- the answer

    boolean isReady() {
        return reply == null || reply.isReady();
    }

    boolean waitsForPeer() {
        return (sent || answered) && !replyEnded && isReady();
    }

    void answer(CallHeader head) {
        if (!hasBegun() || answered) {
            throw Violation.of("header of a reply: " + HeaderWriter.text(head).strip()
                    + " (expected: none, nothing was asked for)");
        }
        RpcStatus status = Statuses.fromWire(head.error());
        if (status == null && head.error() != CallHeader.OK) {
            throw Violation.of("Error of a reply: " + Long.toUnsignedString(head.error()) + " (expected: 1..4)");
        }
        answered = true;
        if (status != null) {
            replyEnded = true;
            tell(RpcException.remote(status, head.errorMessage(), false));
            endRequest();
            if (head.error() == CallHeader.REQUEST_ERROR && request.content() != Content.NONE) {
                caller.refused();
            }
        } else {
            accepted(head);
        }
        overWhenDone();
    }

    private void accepted(CallHeader head) {
        Content content = Statuses.content(head.dataType());
        if (content == null) {
            throw Violation.of("DataType of a reply: " + head.dataType() + " (expected: 1, 3 or 4)");
        }
        replyEnded = content == Content.NONE;
        if (!replyEnded) {
            int maxElement = content == Content.JSON ? host().settings().maxElement() : 0;
            reply = new InboundBody("reply", endpoint(), maxElement, this);
        }
        if (!told && isCancelled()) {
            leave(RpcStatus.CANCELLED, null); // the task that says so is on its way
        }
        if (told) {
            dropReply();
        } else if (content != request.accept()) {
            dropReply();
            leave(
                    RpcStatus.INTERNAL,
                    RpcException.of(
                            RpcStatus.INTERNAL,
                            "reply of " + endpoint() + ": " + content + " (expected: " + request.accept() + ")"));
        } else {
            if (replyEnded) {
                ended(RpcStatus.OK);
            }
            emitted = true;
            emit(RpcReply.of(content, reply == null ? Body.empty() : reply));
        }
    }

    private void emit(RpcReply given) {
        try {
            actual.onNext(given);
            actual.onComplete();
        } catch (Throwable e) { // whatever Reactor lets through: others wait for this connection
            if (reply != null) {
                reply.cancel();
            }
            consumerThrew(e);
        }
    }

    @Override
    public void consumerThrew(Throwable thrown) {
        Sources.consumerThrew(endpoint(), thrown);
    }

    private void dropReply() {
        if (reply != null) {
            reply.drop();
        }
    }

    void data(ByteBuf part) {
        if (reply == null) {
            throw new IllegalStateException("data without a reply");
        }
        reply.data(part);
    }

    void end() {
        replyEnded = true;
        if (!told) {
            ended(RpcStatus.OK);
        }
        if (reply != null) {
            reply.end();
        }
        endRequest();
        overWhenDone();
    }

    /** A request that is still being sent has been answered. Nobody reads the rest: the message may end early. */
    private void endRequest() {
        if (!sent && feed != null) {
            feed.cancel();
            caller.out().end();
            sent = true;
            host().flush();
        }
    }

    private void overWhenDone() {
        if (sent && replyEnded) {
            caller.over(this);
        }
    }

    // ---- nobody wants it any more

    @Override
    public void wanted() {
        host().ready();
    }

    @Override
    public void abandoned() {
        leave(RpcStatus.CANCELLED, null);
    }

    @Override
    public void dropped(int bytes) {
        leftover += bytes;
        if (!told) { // the document is too large: its reader knows, and the rest must come as if it had been given up
            leave(RpcStatus.INVALID_ARGUMENT, null);
        }
        if (leftover > host().settings().maxLeftover()) {
            host().fail(Ending.of(
                    Ending.Kind.ABORTED,
                    "answer of " + endpoint() + ": nobody wants it, and it goes on (expected: at most "
                            + host().settings().maxLeftover() + " bytes)"));
        }
    }

    /** The caller goes, or is told to; the wire has no word for it, so what is under way goes on without anybody. */
    private void leave(RpcStatus status, @Nullable RpcException error) {
        if (told) {
            return;
        }
        if (error == null) {
            ended(status);
        } else {
            tell(error);
        }
        if (feed == null) {
            caller.remove(this);
        } else if (!feed.hasBegun()) {
            feed.cancel();
            caller.over(this);
        } else if (!sent) {
            feed.cancel();
            host().fail(Ending.of(
                    Ending.Kind.ABORTED,
                    "request of " + endpoint() + ": given up amid its body, and the wire has no cancel"));
        } else if (!replyEnded) {
            leaveBy = host().now() + host().settings().close().toNanos();
            host().needsTime();
            host().ready();
        }
    }

    /** The connection has ended. */
    void lost(Ending ending) {
        if (feed == null || !feed.hasBegun()) {
            refuse(RpcException.refused(RpcStatus.UNAVAILABLE, "connection: " + ending.detail()));
        } else if (emitted) {
            tell(RpcException.of(
                    RpcStatus.DATA_LOSS, "reply of " + endpoint() + ": cut, " + ending.detail(), ending.cause()));
        } else {
            tell(Caller.gone(ending.detail()));
        }
        if (feed != null) {
            feed.cancel();
        }
    }

    /** Nothing was sent, and nothing will be. */
    void refuse(RpcException why) {
        if (feed == null) {
            Sources.discard(endpoint(), request.body());
        } else {
            feed.cancel();
        }
        tell(why);
    }

    private void tell(RpcException error) {
        if (told) {
            return;
        }
        ended(error.rpcStatus());
        if (emitted && reply != null) {
            reply.fail(error);
        } else {
            Sources.tell(endpoint(), () -> actual.onError(error));
        }
    }

    private void ended(RpcStatus status) {
        told = true;
        host().watch().callEnd(false, endpoint(), status, host().now() - began);
    }
}
