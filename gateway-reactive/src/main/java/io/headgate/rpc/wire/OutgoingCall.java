package io.headgate.rpc.wire;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Faults;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A call that this side makes. It begins with the demand for its reply. */
final class OutgoingCall extends WireStream implements Subscription {

    private static final int NEW = 0;
    private static final int STARTED = 1;
    private static final int CANCELLED = 2;

    private static final AtomicIntegerFieldUpdater<OutgoingCall> STATE =
            AtomicIntegerFieldUpdater.newUpdater(OutgoingCall.class, "state");

    private final RpcRequest request;
    private final CoreSubscriber<? super RpcReply> actual;
    private volatile int state;

    private boolean answered; // the subscriber has its reply, or its failure

    OutgoingCall(WireConnection connection, RpcRequest request, CoreSubscriber<? super RpcReply> actual) {
        super(connection);
        this.request = request;
        this.actual = actual;
    }

    @Override
    boolean isIncoming() {
        return false;
    }

    @Override
    String endpoint() {
        return request.endpoint();
    }

    RpcRequest request() {
        return request;
    }

    // ---- the subscriber's side, any thread

    @Override
    public void request(long n) {
        if (!Operators.validate(n) || !STATE.compareAndSet(this, NEW, STARTED)) {
            return;
        }
        if (connection.inLoop()) {
            start();
        } else {
            connection.post(this::start);
        }
    }

    @Override
    public void cancel() {
        int before = STATE.getAndSet(this, CANCELLED);
        if (before == NEW) {
            request.body().discard();
        } else if (before == STARTED) {
            if (connection.inLoop()) {
                cancelled();
            } else {
                connection.post(this::cancelled);
            }
        }
    }

    private boolean isCancelled() {
        return state == CANCELLED;
    }

    private void start() {
        if (isCancelled()) {
            answered = true;
            request.body().discard();
            return;
        }
        connection.calls().start(this);
    }

    private void cancelled() {
        if (!answered) { // a reply that was given away is no business of this subscription any more
            answered = true;
            giveUp(RpcStatus.CANCELLED);
        }
    }

    // ---- the event loop's side

    /** It does not even begin; nothing was sent. */
    void refuse(RpcException reason) {
        Sources.discard(endpoint(), request.body());
        answerError(reason);
    }

    /** Sends the HEADER, and lets the body follow. */
    void open(int newId, long nanosLeft, int size) {
        id = newId;
        Body body = request.body();
        connection.writer().write(FrameType.HEADER, id, size);
        Frames.call(
                connection.output().small(FrameDecoder.HEADER_BYTES + size),
                body.isEmpty() ? FrameType.END : 0,
                id,
                request,
                nanosLeft,
                size);
        if (!body.isEmpty()) {
            outbound = new OutboundStream(this, body, request.content(), actual.currentContext());
            connection.sends().ready(outbound);
        }
    }

    @Override
    void onHeader(int flags, ByteBuf payload) {
        if (answered) {
            throw new WireViolation("HEADER of stream " + id + ": a second one (expected: one)");
        }
        Content content = Frames.content(payload);
        Fields fields = Metadata.read(payload, "HEADER");
        if ((flags & FrameType.END) != 0) {
            end(RpcStatus.OK);
            answer(new RpcReply(fields, content, Body.empty()));
        } else {
            InboundStream body = new InboundStream(this, content);
            inbound = body;
            moved = connection.now();
            answer(new RpcReply(fields, content, body));
        }
    }

    @Override
    void onData(int flags, ByteBuf payload) {
        if (inbound == null) {
            if (isUnary(flags, payload)) {
                onUnary(flags, payload);
                return;
            }
            InboundStream body = new InboundStream(this, request.accept());
            inbound = body;
            answer(RpcReply.of(request.accept(), body));
            if (isOver()) {
                connection.consumed(payload.readableBytes());
                return;
            }
        }
        InboundStream body = inbound;
        if (body != null) {
            body.data(flags, payload);
            if (body.hasEnded()) {
                end(RpcStatus.OK);
            }
        }
    }

    private boolean isUnary(int flags, ByteBuf payload) {
        return (flags & (FrameType.END | FrameType.MORE)) == FrameType.END
                && payload.readableBytes() <= connection.settings().maxElement()
                && payload.readableBytes() <= connection.settings().streamWindow();
    }

    /** A reply of one element that came whole: it needs none of the machinery of a stream. */
    private void onUnary(int flags, ByteBuf payload) {
        int bytes = payload.readableBytes();
        connection.consumed(bytes);
        end(RpcStatus.OK);
        if ((flags & FrameType.VOID) != 0) {
            answer(RpcReply.of(request.accept(), Body.empty()));
        } else {
            answer(RpcReply.of(request.accept(), Body.of(connection.keep(payload, bytes))));
        }
    }

    @Override
    void onTrailer(Frames.End end) {
        if (end.status() != RpcStatus.OK) {
            failed(end.failure(false), end.status());
            return;
        }
        if (inbound != null && inbound.isMidElement()) {
            throw new WireViolation(
                    "TRAILER of stream " + id + ": in the middle of an element (expected: its end before)");
        }
        end(RpcStatus.OK);
        if (inbound != null) {
            inbound.end(end.fields());
        } else if (!answered) {
            answer(RpcReply.of(request.accept(), Body.of(Flux.empty(), 0, Mono.just(end.fields()))));
        }
    }

    @Override
    void onError(Frames.End end, boolean unprocessed) {
        failed(end.failure(unprocessed), end.status());
    }

    private void failed(RpcException failure, RpcStatus status) {
        end(status);
        if (inbound != null) {
            inbound.fail(failure);
        }
        answerError(failure);
    }

    /** The other side wants no more of the request; its reply goes on. */
    @Override
    void onCancel() {
        if (outbound != null) {
            outbound.cancel();
        }
    }

    private void answer(RpcReply reply) {
        if (answered) {
            reply.discard();
            return;
        }
        answered = true;
        if (isCancelled()) {
            reply.discard();
            return;
        }
        try {
            actual.onNext(reply);
            actual.onComplete();
        } catch (Throwable e) { // whatever Reactor lets through: others share this connection
            reply.discard();
            if (inbound != null) {
                inbound.cancel();
            }
            consumerThrew(e);
        }
    }

    private void answerError(RpcException failure) {
        if (!answered) {
            answered = true;
            Sources.tell(endpoint(), () -> actual.onError(failure));
        }
    }

    @Override
    boolean needsHead() {
        return false;
    }

    @Override
    void writeHead(boolean end) {
        // it was the first thing to be written
    }

    @Override
    boolean sendsTrailers() {
        return false;
    }

    @Override
    void onSent(Fields trailers) {
        moved = connection.now();
    }

    @Override
    void onSourceFailed(Throwable error) {
        RpcException failure = Faults.toSend(endpoint(), error);
        connection.writer().error(id, failure);
        failed(failure, failure.rpcStatus());
    }

    @Override
    void consumerThrew(Throwable thrown) {
        Sources.consumerThrew(endpoint(), thrown);
    }

    @Override
    void onAbandoned() {
        giveUp(RpcStatus.CANCELLED);
    }

    @Override
    void onRefused(RpcException reason) {
        cut(reason, true);
    }

    @Override
    void cut(RpcException reason, boolean tell) {
        if (!isOver()) {
            if (tell) {
                connection.writer().cancel(id);
            }
            failed(reason, reason.rpcStatus());
        }
    }

    private void giveUp(RpcStatus status) {
        if (id == 0) {
            connection.calls().forget(this);
        } else if (!isOver()) {
            connection.writer().cancel(id);
            end(status);
            if (inbound != null) {
                inbound.fail(RpcException.of(RpcStatus.CANCELLED, endpoint() + ": given up by its caller"));
            }
        }
    }

    @Override
    boolean mayMove() {
        if (inbound != null) {
            return inbound.isAwaiting();
        }
        return outbound == null || !outbound.owesElement(); // else the other side may wait for this side's source
    }
}
