package io.headgate.rpc.wire;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Faults;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A call of the other side, which the handler answers. */
final class IncomingCall extends WireStream implements CoreSubscriber<RpcReply> {

    /** A reply that an operator drops is not left to itself. */
    private static final Context CONTEXT = Operators.enableOnDiscard(Context.empty(), dropped -> {
        if (dropped instanceof RpcReply reply) {
            reply.discard();
        }
    });

    private final Frames.Call head;
    private volatile @Nullable Subscription handler;
    private @Nullable RpcReply reply;
    private Body request = Body.empty();
    private boolean answered; // the handler has said something
    private boolean headWritten;

    IncomingCall(WireConnection connection, int id, Frames.Call head) {
        super(connection);
        this.id = id;
        this.head = head;
    }

    @Override
    boolean isIncoming() {
        return true;
    }

    @Override
    String endpoint() {
        return head.endpoint();
    }

    long microsLeft() {
        return head.microsLeft();
    }

    /** Calls the handler with a body that goes on, or with none. */
    void start(boolean ended) {
        if (ended) {
            handle(Body.empty());
        } else {
            InboundStream body = new InboundStream(this, head.content());
            inbound = body;
            handle(body);
        }
    }

    /** Calls the handler with a body of one element. */
    void startUnary(int flags, ByteBuf payload) {
        int bytes = payload.readableBytes();
        connection.consumed(bytes);
        handle((flags & FrameType.VOID) != 0 ? Body.empty() : Body.of(connection.keep(payload, bytes)));
    }

    private void handle(Body body) {
        request = body;
        Deadline deadline = head.microsLeft() == 0
                ? Deadline.NONE
                : Deadline.after(Duration.of(head.microsLeft(), ChronoUnit.MICROS));
        RpcRequest input = new RpcRequest(
                head.endpoint(), head.fields(), head.content(), head.accept(), body, deadline, Attributes.EMPTY);
        try {
            connection.handler().call(input).subscribe(this);
        } catch (Throwable e) { // what a handler throws fails its call and nothing else, whatever Reactor lets through
            threw(e);
        }
    }

    private void threw(Throwable thrown) {
        if (answered || isOver()) {
            Sources.late(endpoint(), thrown);
        } else {
            request.discard();
            failed(thrown);
        }
    }

    // ---- the handler's side, any thread

    @Override
    public Context currentContext() {
        return CONTEXT;
    }

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.validate(handler, s)) {
            handler = s;
            try {
                s.request(Long.MAX_VALUE);
            } catch (Throwable e) {
                if (connection.inLoop()) {
                    threw(e);
                } else {
                    connection.post(() -> threw(e));
                }
            }
        }
    }

    @Override
    public void onNext(RpcReply given) {
        if (connection.inLoop()) {
            replied(given);
        } else {
            connection.post(() -> replied(given));
        }
    }

    @Override
    public void onError(Throwable error) {
        if (connection.inLoop()) {
            failed(error);
        } else {
            connection.post(() -> failed(error));
        }
    }

    @Override
    public void onComplete() {
        if (connection.inLoop()) {
            completed();
        } else {
            connection.post(this::completed);
        }
    }

    // ---- the event loop's side

    private void replied(RpcReply given) {
        if (isOver() || answered) {
            given.discard();
            return;
        }
        if (Frames.replySize(given.fields()) > connection.peer().maxHeader()) {
            given.discard();
            failed(new IllegalStateException(endpoint() + ", metadata of its reply: "
                    + Frames.replySize(given.fields()) + " bytes (expected: at most "
                    + connection.peer().maxHeader() + ", which the caller takes)"));
            return;
        }
        answered = true;
        reply = given;
        if (given.body().isEmpty()) {
            writeHead(true);
            onSent(Fields.empty());
            return;
        }
        outbound = new OutboundStream(this, given.body(), given.content(), Context.empty());
        connection.sends().ready(outbound);
    }

    private void failed(Throwable error) {
        if (!answered && !isOver()) {
            answered = true;
            RpcException failure = Faults.toSend(endpoint(), error);
            connection.writer().error(id, failure);
            finish(failure.rpcStatus(), failure);
        }
    }

    private void completed() {
        if (!answered) {
            failed(new IllegalStateException(endpoint() + ": its handler completed without a reply (expected: one)"));
        }
    }

    @Override
    boolean needsHead() {
        RpcReply given = reply;
        return !headWritten
                && given != null
                && (given.content() != head.accept() || !given.fields().isEmpty());
    }

    @Override
    void writeHead(boolean end) {
        RpcReply given = reply;
        if (!headWritten && given != null && (outbound == null || !outbound.hasBegun())) {
            headWritten = true;
            int size = Frames.replySize(given.fields());
            connection.writer().write(FrameType.HEADER, id, size);
            Frames.reply(
                    connection.output().small(FrameDecoder.HEADER_BYTES + size),
                    end ? FrameType.END : 0,
                    id,
                    given.content(),
                    given.fields());
        }
    }

    @Override
    boolean sendsTrailers() {
        return true;
    }

    @Override
    void onSent(Fields trailers) {
        if (!trailers.isEmpty()) {
            if (Frames.trailerSize("", trailers) > connection.peer().maxHeader()) {
                onSourceFailed(new IllegalStateException(endpoint() + ", trailers: "
                        + Frames.trailerSize("", trailers) + " bytes (expected: at most "
                        + connection.peer().maxHeader() + ", which the caller takes)"));
                return;
            }
            connection.writer().trailer(id, RpcStatus.OK, "", trailers);
        }
        finish(RpcStatus.OK, RpcException.of(RpcStatus.CANCELLED, endpoint() + ": its reply has ended"));
    }

    @Override
    void onSourceFailed(Throwable error) {
        RpcException failure = Faults.toSend(endpoint(), error);
        tell(failure);
        finish(failure.rpcStatus(), failure);
    }

    /** An error before the reply has begun may be one of a call that was not processed; later it is not. */
    private void tell(RpcException failure) {
        if (headWritten || outbound != null && outbound.hasBegun()) {
            connection
                    .writer()
                    .trailer(id, failure.rpcStatus(), connection.writer().text(failure), Fields.empty());
        } else {
            connection.writer().error(id, failure);
        }
    }

    private void finish(RpcStatus status, RpcException forBody) {
        if (!end(status)) {
            return;
        }
        if (inbound != null) {
            inbound.failNow(forBody);
        } else {
            request.discard(); // a handler that forgot it has its chance behind it
        }
    }

    private void stop(RpcStatus status, RpcException forBody) {
        if (isOver()) {
            return;
        }
        boolean waits = !answered;
        answered = true;
        finish(status, forBody);
        if (waits) {
            Sources.cancel(endpoint(), handler);
        }
    }

    @Override
    void onHeader(int flags, ByteBuf payload) {
        throw new WireViolation("HEADER of stream " + id + ": a second one (expected: one)");
    }

    @Override
    void onData(int flags, ByteBuf payload) {
        if (inbound == null || inbound.hasEnded() && !inbound.wasDropped()) {
            throw new WireViolation("DATA of stream " + id + ": after its END (expected: none)");
        }
        inbound.data(flags, payload);
    }

    @Override
    void onTrailer(Frames.End end) {
        throw new WireViolation("TRAILER of stream " + id + ": from the caller (expected: from who answers)");
    }

    @Override
    void onError(Frames.End end, boolean unprocessed) {
        stop(end.status(), end.failure(false));
    }

    @Override
    void onCancel() {
        stop(
                RpcStatus.CANCELLED,
                RpcException.remote(RpcStatus.CANCELLED, endpoint() + ": given up by its caller", false));
    }

    @Override
    void onAbandoned() {
        if (!isOver()) {
            connection.writer().cancel(id);
        }
    }

    @Override
    void onRefused(RpcException reason) {
        cut(reason, true);
    }

    @Override
    void cut(RpcException reason, boolean tell) {
        if (!isOver()) {
            if (tell) {
                tell(reason);
            }
            stop(reason.rpcStatus(), reason);
        }
    }

    /** A handler whose reader threw answers nothing any more, or never ends its answer. */
    @Override
    void consumerThrew(Throwable thrown) {
        cut(Faults.toSend(endpoint(), thrown), true);
    }

    @Override
    boolean mayMove() {
        return inbound != null && inbound.isAwaiting();
    }
}
