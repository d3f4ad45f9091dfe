package io.headgate.rpc.wire;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Gathering;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;

/**
 * The receiving half of a call: puts elements together, hands them to the one who subscribes, and tells the other side
 * exactly how many more are wanted. Only the first element can come before it is wanted, so at most one waits here.
 */
final class InboundStream extends Body implements Subscription, Scannable {

    private static final int UNTOUCHED = 0;
    private static final int TAKEN = 1;
    private static final int DISCARDED = 2;

    private static final AtomicIntegerFieldUpdater<InboundStream> USE =
            AtomicIntegerFieldUpdater.newUpdater(InboundStream.class, "use");

    private final WireStream call;
    private final WireConnection connection;
    private final Content content;
    private final ReceiveWindow window;
    private volatile int use;
    private volatile boolean cancelled;
    private @Nullable CoreSubscriber<? super ByteBuf> actual; // set before the tasks of the subscription

    // From here on for the event loop alone.
    private boolean attached; // the subscriber is ready for signals
    private @Nullable ByteBuf waiting;
    private int waitingHeld; // bytes of the windows that it takes
    private long received;
    private long asked;
    private long told;
    private long demand;
    private @Nullable Gathering assembling;
    private boolean ended; // nothing more comes
    private boolean delivering;
    private boolean done; // the subscriber knows of the end
    private Fields trailers = Fields.empty();
    private @Nullable RpcException failure;
    private @Nullable MonoSink<Fields> trailersWanted;
    boolean creditQueued;

    InboundStream(WireStream call, Content content) {
        this.call = call;
        this.connection = call.connection;
        this.content = content;
        this.window = new ReceiveWindow(connection.settings().streamWindow());
    }

    // ---- the connection's side

    /** A DATA frame, whose bytes the connection has counted; borrows the payload. */
    void data(int flags, ByteBuf payload) {
        int bytes = payload.readableBytes();
        boolean more = (flags & FrameType.MORE) != 0;
        boolean end = (flags & FrameType.END) != 0;
        if (ended) {
            connection.consumed(bytes); // it was on its way when the consumer lost interest
            return;
        }
        if (!window.received(bytes)) {
            throw new WireViolation("DATA of stream " + call.id + ": " + bytes
                    + " bytes (expected: no more than there was credit for)");
        }
        if ((flags & FrameType.VOID) == 0) {
            element(more, payload, bytes);
        } else if (!end || bytes > 0) {
            throw new WireViolation(
                    "DATA of stream " + call.id + ": VOID with " + bytes + " bytes (expected: END and no bytes)");
        }
        if (end && !call.isOver()) {
            if (more || assembling != null) {
                throw new WireViolation(
                        "DATA of stream " + call.id + ": END in the middle of an element (expected: MORE" + " or END)");
            }
            end(Fields.empty());
        }
    }

    private void element(boolean more, ByteBuf payload, int bytes) {
        if (assembling == null) {
            if (received >= told && (received > 0 || more)) {
                throw new WireViolation("elements of stream " + call.id + ": " + (received + 1) + " (expected: at most "
                        + told + ", which were asked for)");
            }
            received++;
        }
        if (content == Content.OCTETS && more) {
            throw new WireViolation("DATA of stream " + call.id + ": MORE (expected: none in octets)");
        }
        if (assembling == null && !more) {
            if (content != Content.OCTETS && bytes > connection.settings().maxElement()) {
                giveBack(bytes);
                refuseLarge(bytes);
                return;
            }
            accept(payload, bytes);
        } else {
            assemble(more, payload, bytes);
        }
    }

    private void assemble(boolean more, ByteBuf payload, int bytes) {
        if (more && bytes < FLOOR_OF_PARTS) {
            throw new WireViolation("DATA of stream " + call.id + ": MORE with " + bytes + " bytes (expected: at least "
                    + FLOOR_OF_PARTS + ")");
        }
        Gathering parts = assembling;
        if (parts == null) {
            connection.calls().beginPartial(call);
            parts = new Gathering(connection.allocator());
            assembling = parts;
        }
        giveBack(bytes); // an element that has begun must be able to end, however small the window is
        int length = parts.length() + bytes;
        if (length > connection.settings().maxElement() || length < 0) {
            refuseLarge(length);
            return;
        }
        parts.add(payload, bytes, 0);
        if (!more) {
            assembling = null;
            connection.calls().endPartial();
            hand(parts.finish(), 0);
        }
    }

    /** Least bytes of a part of an element that goes on: tiny ones cost more than they bring. */
    static final int FLOOR_OF_PARTS = 512;

    private void refuseLarge(int length) {
        call.onRefused(RpcException.of(
                call.isIncoming() ? RpcStatus.INVALID_ARGUMENT : RpcStatus.RESOURCE_EXHAUSTED,
                call.endpoint() + ", element of " + content + ": at least " + length + " bytes (expected: at most "
                        + connection.settings().maxElement() + ")"));
    }

    private void accept(ByteBuf payload, int bytes) {
        boolean now = demand > 0 && waiting == null && attached && !delivering;
        hand(now || bytes >= Gathering.SLICE_LIMIT ? payload.readRetainedSlice(bytes) : copy(payload, bytes), bytes);
    }

    /** What waits must not hold the whole buffer that it was read into. */
    private ByteBuf copy(ByteBuf payload, int bytes) {
        return connection.allocator().buffer(Math.max(bytes, 1)).writeBytes(payload, bytes);
    }

    private void hand(ByteBuf whole, int held) {
        call.moved = connection.now();
        if (use == DISCARDED || cancelled) {
            whole.release();
            giveBack(held);
            return;
        }
        connection.held(held);
        waiting = whole;
        waitingHeld = held;
        deliver();
    }

    /** The end, after the last element. */
    void end(Fields endTrailers) {
        if (!ended) {
            ended = true;
            trailers = endTrailers;
            call.moved = connection.now();
            deliver();
            answerTrailers();
        }
    }

    /** The rest will not come. */
    void fail(RpcException cause) {
        if (!ended) {
            ended = true;
            failure = cause;
            dropParts();
            deliver();
            answerTrailers();
        }
    }

    /** The rest will not come, and what waits is of no use any more: a handler that forgot its body holds no credit. */
    void failNow(RpcException cause) {
        dropWaiting();
        fail(cause);
    }

    private void dropWaiting() {
        ByteBuf dropped = waiting;
        waiting = null;
        if (dropped != null) {
            dropped.release();
            release(waitingHeld);
        }
    }

    boolean hasEnded() {
        return ended;
    }

    /** Whether bytes are taken as they come, in whatever pieces. */
    boolean flows() {
        return content == Content.OCTETS && told == Long.MAX_VALUE && !ended && waiting == null;
    }

    /** Whether an element has begun and not ended. */
    boolean isMidElement() {
        return assembling != null;
    }

    /** Whether it ended because nobody wants the rest, which may be on its way. */
    boolean wasDropped() {
        return use == DISCARDED || cancelled;
    }

    /** Whether the other side may send an element. */
    boolean isAwaiting() {
        return !ended && demand > 0 && waiting == null;
    }

    /** Writes what the other side may send from now on. */
    void writeCredit() {
        creditQueued = false;
        if (ended || call.isOver()) {
            return;
        }
        long elements = 0;
        if (told < asked && asked > received) {
            elements = asked == Long.MAX_VALUE ? Frames.UNBOUNDED : Math.min(asked - told, Frames.UNBOUNDED - 1);
            told = asked == Long.MAX_VALUE ? asked : told + elements;
        }
        int bytes = window.isDue() ? window.grant() : 0;
        if (elements > 0 || bytes > 0) {
            connection.writer().write(FrameType.CREDIT, call.id, 8);
            Frames.credit(connection.output().small(18), call.id, elements, bytes);
        }
        if (told < asked && asked > received) {
            connection.creditLater(this);
        }
    }

    private void giveBack(int bytes) {
        connection.consumed(bytes);
        window.consumed(bytes);
        if (window.isDue()) {
            connection.creditLater(this);
        }
    }

    // ---- the consumer's side

    private void deliver() {
        if (delivering || done) {
            return;
        }
        CoreSubscriber<? super ByteBuf> target = actual;
        if (target == null || !attached || cancelled) {
            return;
        }
        delivering = true;
        try {
            while (waiting != null && demand > 0 && !cancelled) {
                ByteBuf next = waiting;
                waiting = null;
                if (demand != Long.MAX_VALUE) {
                    demand--;
                }
                release(waitingHeld);
                target.onNext(next);
            }
            if (ended && waiting == null && !cancelled) {
                done = true;
                if (failure != null) {
                    target.onError(failure);
                } else {
                    target.onComplete();
                }
            }
        } catch (Throwable e) { // its call ends, the others do not, whatever Reactor lets through
            cancel();
            call.consumerThrew(e);
        } finally {
            delivering = false;
        }
    }

    private void release(int held) {
        connection.held(-held);
        giveBack(held);
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> subscriber) {
        if (!USE.compareAndSet(this, UNTOUCHED, TAKEN)) {
            Operators.error(subscriber, usedTwice());
            return;
        }
        actual = subscriber;
        if (connection.inLoop()) {
            attached = true;
            subscriber.onSubscribe(this);
            deliver();
        } else {
            subscriber.onSubscribe(this);
            connection.post(this::attach);
        }
    }

    private void attach() {
        attached = true;
        if (!ended && asked > 0) {
            connection.creditLater(this);
        }
        deliver();
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n)) {
            return;
        }
        if (connection.inLoop()) {
            ask(n);
        } else {
            connection.post(() -> ask(n));
        }
    }

    private void ask(long n) {
        asked = Operators.addCap(asked, n);
        demand = Operators.addCap(demand, n);
        call.moved = connection.now();
        if (!ended && attached) {
            connection.creditLater(this);
        }
        deliver();
    }

    @Override
    public void cancel() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        if (connection.inLoop()) {
            drop();
        } else {
            connection.post(this::drop);
        }
    }

    @Override
    public void discard() {
        if (USE.compareAndSet(this, UNTOUCHED, DISCARDED)) {
            if (connection.inLoop()) {
                drop();
            } else {
                connection.post(this::drop);
            }
        }
    }

    private void drop() {
        dropWaiting();
        done = true;
        actual = null;
        dropParts();
        if (!ended) {
            ended = true;
            call.onAbandoned();
        }
    }

    private void dropParts() {
        Gathering parts = assembling;
        assembling = null;
        if (parts != null) {
            parts.release();
            connection.calls().endPartial();
        }
    }

    @Override
    public long length() {
        return UNKNOWN_LENGTH;
    }

    @Override
    public Mono<Fields> trailers() {
        return Mono.create(wanted -> {
            if (connection.inLoop()) {
                want(wanted);
            } else {
                connection.post(() -> want(wanted));
            }
        });
    }

    private void want(MonoSink<Fields> wanted) {
        trailersWanted = wanted;
        if (ended) {
            answerTrailers();
        }
    }

    private void answerTrailers() {
        MonoSink<Fields> wanted = trailersWanted;
        trailersWanted = null;
        if (wanted == null) {
            return;
        }
        Sources.tell(call.endpoint(), () -> {
            if (failure != null) {
                wanted.error(failure);
            } else if (trailers.isEmpty()) {
                wanted.success();
            } else {
                wanted.success(trailers);
            }
        });
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        return key == Attr.TERMINATED ? done : null;
    }

    private static IllegalStateException usedTwice() {
        return new IllegalStateException("body: subscribed or discarded before (expected: one subscription)");
    }
}
