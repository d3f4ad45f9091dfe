package io.headgate.rpc.wire;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Fuseable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The sending half of a call: asks its source for an element when the other side wants one, the windows have room and the
 * socket takes it, and holds at most that one.
 */
final class OutboundStream implements CoreSubscriber<ByteBuf>, Scannable {

    private static final AtomicIntegerFieldUpdater<OutboundStream> POSTED =
            AtomicIntegerFieldUpdater.newUpdater(OutboundStream.class, "posted");

    private final WireStream call;
    private final WireConnection connection;
    private final Body body;
    private final Content content;
    private final Context context;
    private volatile int posted; // signals of other threads that wait in the mailbox

    // From here on for the event loop alone.
    private @Nullable Subscription subscription;
    private @Nullable ByteBuf pending;
    private @Nullable ArrayDeque<ByteBuf> more; // what a source emits without being asked
    private boolean subscribed;
    private boolean awaiting;
    private boolean completed;
    private @Nullable Disposable awaitedTrailers;
    private @Nullable Fields trailers; // known once the body has completed
    private @Nullable Throwable failure;
    private boolean ended;
    private boolean begun;
    private boolean partial;
    private long granted;
    private long sent;
    private long window;
    private int left; // of a turn that the socket or the window of the connection has cut short
    boolean queued; // has its turn coming; kept by the queue
    boolean inLine; // waits for what is shared by all; kept by the queue
    boolean maySplit; // has one of the rights to send in several frames; kept by the queue

    OutboundStream(WireStream call, Body body, Content content, Context context) {
        this.call = call;
        this.connection = call.connection;
        this.body = body;
        this.content = content;
        this.context = context;
        this.window = connection.peer().streamWindow();
    }

    /** The other side wants more. */
    void credit(long elements, int bytes) {
        window += bytes;
        if (bytes < 0 || window > Integer.MAX_VALUE) {
            throw new WireViolation("CREDIT of stream " + call.id + ": " + Integer.toUnsignedString(bytes)
                    + " bytes (expected: at most " + Integer.MAX_VALUE + " in all)");
        }
        granted = elements == Frames.UNBOUNDED ? Long.MAX_VALUE : Operators.addCap(granted, elements);
        if (!ended) {
            connection.sends().ready(this);
        }
    }

    /** Whether the other side could not send its reply because it waits for this side's source. */
    boolean owesElement() {
        return !ended && pending == null && (sent < granted || sent == 0) && window > 0;
    }

    boolean hasEnded() {
        return ended;
    }

    boolean hasBegun() {
        return begun;
    }

    // ---- sending

    /**
     * Sends about as many bytes as the turn has, or as are left of the one before, which was cut short.
     *
     * @return whether there is more to send at once
     */
    boolean turn(int quantum) {
        if (left <= 0) {
            left = quantum;
        }
        while (!ended && connection.isWritable()) {
            if (pending == null && !pull()) {
                if (!ended) {
                    call.writeHead(false);
                }
                left = 0;
                return false;
            }
            if (ended) {
                return false;
            }
            int bytes = sendSome();
            if (bytes < 0) {
                call.writeHead(false);
                left = inLine ? left : 0;
                return false;
            }
            left -= bytes + FrameDecoder.HEADER_BYTES;
            if (left <= 0) {
                return !ended;
            }
        }
        return !ended;
    }

    /** Whether its turn goes on once the socket takes more. */
    boolean isCutShort() {
        return left > 0;
    }

    private boolean mayBegin() {
        return sent < granted || sent == 0;
    }

    /** Gets an element from the source; false when there is nothing to send now. */
    private boolean pull() {
        if (!subscribed) {
            subscribed = true;
            subscribe();
        }
        if (!awaiting && !completed && failure == null && subscription != null && mayBegin() && window > 0) {
            awaiting = true;
            ask(subscription);
        }
        if (pending != null || ended) {
            return !ended;
        }
        if (failure != null) {
            fail(failure);
        } else if (completed && trailers != null) {
            finish(trailers);
        }
        return false;
    }

    private void subscribe() {
        try {
            body.subscribe(this);
        } catch (Throwable e) {
            threw(e);
        }
    }

    private void ask(Subscription source) {
        try {
            source.request(1);
        } catch (Throwable e) {
            threw(e);
        }
    }

    /** A source that throws where it may only signal has failed, whatever Reactor lets through: others share this connection. */
    private void threw(Throwable error) {
        if (ended || completed || failure != null) {
            Sources.late(call.endpoint(), error);
        } else {
            Sources.cancel(call.endpoint(), subscription);
            arriveError(error);
        }
    }

    /** Sends a frame; the bytes of its payload, or -1 when it must wait. */
    private int sendSome() {
        ByteBuf next = pending;
        if (next == null) {
            return 0;
        }
        int length = next.readableBytes();
        int limit = connection.sends().frameLimit(left);
        if (length == 0 && content == Content.OCTETS) {
            next();
            next.release();
            return 0;
        }
        if (!partial && length <= limit) {
            return mayBegin() && take(length) ? sendWhole(next, length) : -1;
        }
        if (content == Content.OCTETS) {
            return mayBegin() && take(limit) ? sendOctets(next, limit) : -1;
        }
        if (!partial && (sent >= granted || !connection.sends().beginPartial(this))) {
            return -1;
        }
        partial = true;
        int bytes = Math.min(length, limit);
        return take(bytes) ? sendPart(next, bytes, bytes == length) : -1;
    }

    private boolean take(int bytes) {
        if (window < bytes || !connection.sends().take(this, bytes)) {
            return false;
        }
        window -= bytes;
        return true;
    }

    private int sendWhole(ByteBuf whole, int length) {
        next();
        write(whole, endsWithThis() ? FrameType.END : 0);
        sent++;
        endIfLast();
        return length;
    }

    private int sendOctets(ByteBuf whole, int bytes) {
        write(whole.readRetainedSlice(bytes), 0);
        sent++;
        return bytes;
    }

    private int sendPart(ByteBuf whole, int bytes, boolean last) {
        if (last) {
            partial = false;
            connection.sends().endPartial(this);
            sent++;
            next();
            write(whole, endsWithThis() ? FrameType.END : 0);
            endIfLast();
        } else {
            write(whole.readRetainedSlice(bytes), FrameType.MORE);
        }
        return bytes;
    }

    private void write(ByteBuf payload, int flags) {
        if (call.needsHead()) {
            call.writeHead(false);
        }
        begun = true;
        call.moved = connection.now();
        connection.output().data(flags, call.id, payload);
    }

    private void next() {
        pending = more == null ? null : more.poll();
    }

    private boolean endsWithThis() {
        return pending == null && completed && trailers != null && trailers.isEmpty();
    }

    private void endIfLast() {
        if (endsWithThis()) {
            ended = true;
            call.onSent(Fields.empty());
        }
    }

    private void finish(Fields known) {
        if (known.isEmpty()) {
            if (sent == 0 && call.needsHead()) {
                call.writeHead(true);
            } else {
                connection.writer().write(FrameType.DATA, call.id, 0);
                Frames.header(
                        connection.output().small(FrameDecoder.HEADER_BYTES),
                        0,
                        FrameType.DATA,
                        FrameType.END | FrameType.VOID,
                        call.id);
            }
        } else if (call.needsHead()) {
            call.writeHead(false);
        }
        ended = true;
        call.onSent(known);
    }

    private void fail(Throwable error) {
        ended = true;
        call.onSourceFailed(error);
    }

    /** Nobody wants the rest. */
    void cancel() {
        if (!ended) {
            ended = true;
            Sources.cancel(call.endpoint(), subscription);
            if (!subscribed) {
                subscribed = true;
                Sources.discard(call.endpoint(), body);
            }
            if (awaitedTrailers != null) {
                Sources.tell(call.endpoint(), awaitedTrailers::dispose);
            }
        }
        partial = false;
        connection.sends().endPartial(this);
        while (pending != null) {
            ByteBuf dropped = pending;
            next();
            dropped.release();
        }
    }

    // ---- signals of the source, from any thread

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription s) {
        if (connection.inLoop()) {
            begin(s);
        } else {
            signal(() -> {
                begin(s);
                connection.sends().ready(this);
            });
        }
    }

    private void begin(Subscription s) {
        if (Operators.validate(subscription, s)) {
            subscription = s;
            if (ended) {
                Sources.cancel(call.endpoint(), s);
            }
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (isDirect()) {
            arrive(buffer);
        } else {
            signal(() -> arrive(buffer));
        }
    }

    @Override
    public void onError(Throwable error) {
        if (isDirect()) {
            arriveError(error);
        } else {
            signal(() -> arriveError(error));
        }
    }

    @Override
    public void onComplete() {
        if (isDirect()) {
            arriveEnd();
        } else {
            signal(this::arriveEnd);
        }
    }

    /** On the event loop, and nothing that was emitted before is still on its way there. */
    private boolean isDirect() {
        return connection.inLoop() && posted == 0;
    }

    private void signal(Runnable task) {
        POSTED.incrementAndGet(this);
        connection.post(() -> {
            POSTED.decrementAndGet(this);
            task.run();
        });
    }

    private void arrive(ByteBuf buffer) {
        if (ended || failure != null || completed) {
            buffer.release();
            return;
        }
        awaiting = false;
        if (pending == null) {
            pending = buffer;
        } else {
            if (more == null) {
                more = new ArrayDeque<>(2);
            }
            more.add(buffer);
        }
        connection.sends().ready(this);
    }

    private void arriveError(Throwable error) {
        if (!ended && !completed && failure == null) {
            failure = error;
            connection.sends().ready(this);
        }
    }

    private void arriveEnd() {
        if (ended || completed || failure != null) {
            return;
        }
        completed = true;
        if (!call.sendsTrailers()) {
            trailers = Fields.empty();
        } else {
            try {
                askForTrailers(body.trailers());
            } catch (Throwable e) {
                failure = e;
            }
        }
        connection.sends().ready(this);
    }

    @SuppressWarnings("unchecked") // a scalar Mono of fields is a scalar of fields
    private void askForTrailers(Mono<Fields> wanted) throws Exception {
        if (wanted instanceof Fuseable.ScalarCallable<?> known) {
            Fields fields = ((Fuseable.ScalarCallable<Fields>) known).call();
            trailers = fields == null ? Fields.empty() : fields;
        } else {
            awaitedTrailers = wanted.defaultIfEmpty(Fields.empty()).subscribe(this::trailersCame, this::trailersFailed);
        }
    }

    private void trailersCame(Fields known) {
        if (connection.inLoop()) {
            trailers = known;
            connection.sends().ready(this);
        } else {
            signal(() -> {
                trailers = known;
                connection.sends().ready(this);
            });
        }
    }

    private void trailersFailed(Throwable error) {
        signal(() -> {
            failure = error;
            connection.sends().ready(this);
        });
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return subscription;
        }
        return key == Attr.TERMINATED ? completed : null;
    }
}
