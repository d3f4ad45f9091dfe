package io.headgate.rpc.local;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Faults;
import io.headgate.rpc.internal.Sources;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One call under way: what the handler is subscribed with and what the caller holds. Whoever takes it out of WAITING tells the
 * caller, so nobody tells twice. Any thread may cut it.
 */
final class LocalCall implements CoreSubscriber<RpcReply>, Subscription, Scannable {

    private static final AtomicIntegerFieldUpdater<LocalCall> STATE =
            AtomicIntegerFieldUpdater.newUpdater(LocalCall.class, "state");
    private static final AtomicIntegerFieldUpdater<LocalCall> ENDED =
            AtomicIntegerFieldUpdater.newUpdater(LocalCall.class, "ended");

    private static final int STARTING = 0;
    private static final int WAITING = 1;
    private static final int REPLIED = 2;
    private static final int OVER = 3;

    private final Lane lane;
    private final RpcRequest request;
    private final CoreSubscriber<? super RpcReply> actual;
    private final int hash = ThreadLocalRandom.current().nextInt();
    private final boolean watched;
    private final long began;
    private @Nullable PassedBody upload;
    private volatile int state;
    private volatile int ended;
    private volatile boolean demanded;
    private volatile @Nullable Subscription upstream;
    private volatile @Nullable PassedBody download;
    private volatile @Nullable RpcException failure;

    LocalCall(Lane lane, RpcRequest request, CoreSubscriber<? super RpcReply> actual) {
        this.lane = lane;
        this.request = request;
        this.actual = actual;
        watched =
                !lane.caller().watcher().isNobody() || !lane.callee().watcher().isNobody();
        began = watched ? System.nanoTime() : 0;
    }

    void start() {
        Body body = request.body();
        if (!body.isEmpty()) {
            upload = PassedBody.upload(this, body, request.content());
        }
        if (watched) {
            lane.caller().watcher().onCall(false, request.endpoint());
            lane.callee().watcher().onCall(true, request.endpoint());
        }
        lane.add(this);
        if (!request.deadline().isNone()) {
            lane.link().tickSoon();
        }
        actual.onSubscribe(this);
        if (STATE.compareAndSet(this, STARTING, WAITING)) {
            RpcException late = failure == null ? lane.link().cut() : failure;
            if (late != null) {
                cut(late);
            } else {
                ask();
            }
        }
    }

    private void ask() {
        try {
            Objects.requireNonNull(lane.callee().spec().handler().call(crossed()), "handler: null (expected: a Mono)")
                    .subscribe(this);
        } catch (Throwable e) {
            threw(e);
        }
    }

    /** What a handler throws fails its call and nothing else, whatever Reactor lets through. */
    private void threw(Throwable error) {
        if (state != WAITING) {
            Sources.rethrow(error); // it is of who reads the reply
        }
        cancelHandler();
        onError(error);
    }

    private void demand(Subscription handler) {
        try {
            handler.request(Long.MAX_VALUE);
        } catch (Throwable e) {
            threw(e);
        }
    }

    private RpcRequest crossed() {
        if (upload == null && request.attributes() == Attributes.EMPTY) {
            return request;
        }
        return new RpcRequest(
                request.endpoint(),
                request.fields(),
                request.content(),
                request.accept(),
                upload == null ? request.body() : upload,
                request.deadline(),
                Attributes.EMPTY);
    }

    String endpoint() {
        return request.endpoint();
    }

    Lane lane() {
        return lane;
    }

    // ---- what the handler says

    @Override
    public void onSubscribe(Subscription subscription) {
        if (!Operators.validate(upstream, subscription)) {
            return;
        }
        upstream = subscription;
        if (state == OVER) {
            Sources.cancel(endpoint(), subscription);
        } else if (demanded) {
            demand(subscription);
        }
    }

    @Override
    public void onNext(RpcReply reply) {
        RpcException tooLarge = lane.tooLarge("fields of the reply", reply.fields());
        if (tooLarge != null) {
            reply.discard();
            fail(tooLarge);
        } else if (!STATE.compareAndSet(this, WAITING, REPLIED)) {
            reply.discard();
        } else if (reply.body().isEmpty()) {
            end(RpcStatus.OK);
            give(reply);
        } else {
            PassedBody passed = PassedBody.download(this, reply.body(), reply.content());
            download = passed;
            RpcException cut = failure;
            if (cut != null) {
                passed.cut(cut);
            }
            give(reply.withBody(passed));
        }
    }

    private void give(RpcReply reply) {
        try {
            actual.onNext(reply);
            actual.onComplete();
        } catch (Throwable e) {
            reply.discard();
            throw e;
        }
    }

    @Override
    public void onComplete() {
        if (state == WAITING) {
            onError(RpcException.of(RpcStatus.INTERNAL, endpoint() + ": no reply (expected: one)"));
        }
    }

    @Override
    public void onError(Throwable error) {
        if (state == WAITING) {
            fail(Faults.toSend(endpoint(), error));
        }
    }

    /** The handler's side fails the call. */
    private void fail(RpcException told) {
        if (STATE.compareAndSet(this, WAITING, OVER)) {
            end(told.rpcStatus());
            actual.onError(lane.told(lane.callee(), told));
        }
    }

    // ---- what the caller says

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            demanded = true;
            Subscription handler = upstream;
            if (handler != null) {
                demand(handler);
            }
        }
    }

    @Override
    public void cancel() {
        if (STATE.compareAndSet(this, WAITING, OVER) || STATE.compareAndSet(this, STARTING, OVER)) {
            cancelHandler();
            end(RpcStatus.CANCELLED);
        }
    }

    private void cancelHandler() {
        Sources.cancel(endpoint(), upstream);
    }

    // ---- what the connection says

    /** Ends the call on both sides, wherever it is. */
    void cut(RpcException why) {
        failure = why;
        if (STATE.compareAndSet(this, WAITING, OVER)) {
            cancelHandler();
            end(why.rpcStatus());
            Sources.tell(endpoint(), () -> actual.onError(why));
        } else {
            cutReply(why);
        }
    }

    /** Looks at the deadline; tells whether there is one to come. */
    boolean tick(long now) {
        Deadline deadline = request.deadline();
        if (deadline.isNone() || ended != 0) {
            return false;
        }
        if (now - deadline.nanoTime() < 0) {
            return true;
        }
        cut(RpcException.of(RpcStatus.DEADLINE_EXCEEDED, endpoint() + ": not answered in time"));
        return false;
    }

    // ---- what the bodies say

    /** The body of the request was more than the handler's side takes. */
    void uploadRefused(RpcException why) {
        if (STATE.compareAndSet(this, WAITING, OVER)) {
            cancelHandler();
            end(why.rpcStatus());
            actual.onError(lane.told(lane.callee(), why));
        }
    }

    /** The body of the request failed, which its caller knows best; who answers is told as the other side of a network is. */
    void uploadFailed(RpcException why, Runnable tellHandler) {
        if (STATE.compareAndSet(this, WAITING, OVER)) {
            tellHandler.run();
            cancelHandler();
            end(why.rpcStatus());
            Sources.tell(endpoint(), () -> actual.onError(why));
        } else {
            failure = why; // for a reply that is just being given
            cutReply(why);
            tellHandler.run();
        }
    }

    /** Who reads the body of the request threw: it answers nothing any more, or never ends its answer. */
    void handlerThrew(Throwable thrown) {
        RpcException known = Faults.toSend(endpoint(), thrown);
        cancelHandler();
        if (state == WAITING) {
            fail(known);
        } else {
            RpcException told = lane.told(lane.callee(), known);
            failure = told;
            cutReply(told);
        }
    }

    private void cutReply(RpcException why) {
        PassedBody reply = download;
        if (reply != null) {
            reply.cut(why);
        }
    }

    /** The call is over on both sides. Told again, it changes nothing. */
    void end(RpcStatus status) {
        if (!ENDED.compareAndSet(this, 0, 1)) {
            return;
        }
        PassedBody rest = upload;
        if (rest != null) {
            rest.cut(over(status));
        }
        if (watched) {
            long nanos = System.nanoTime() - began;
            lane.callee().watcher().onCallEnd(true, endpoint(), status, nanos);
            lane.caller().watcher().onCallEnd(false, endpoint(), status, nanos);
        }
        lane.remove(this);
    }

    private RpcException over(RpcStatus status) {
        RpcException cut = failure;
        return cut != null && status == cut.rpcStatus() ? cut : Over.CALL;
    }

    /** Made once: what the reader of a request body gets that goes on after its call has ended. */
    private static final class Over {
        static final RpcException CALL = RpcException.of(RpcStatus.CANCELLED, "body: its call has ended");
    }

    // ---- the rest

    @Override
    public Context currentContext() {
        return PassedBody.DISCARD;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
