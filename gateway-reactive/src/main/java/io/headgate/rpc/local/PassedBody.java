package io.headgate.rpc.local;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Faults;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * A body on its way to the other side: passes its buffers on, masks its failure, and can be cut by the connection on any
 * thread. Signals that are being passed are counted, so that a cut never comes between: who takes the count to zero tells it.
 */
final class PassedBody extends Body implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    /** Makes Reactor's own sources release the buffers that they did not get to emit. */
    static final Context DISCARD = Operators.enableOnDiscard(Context.empty(), ReferenceCountUtil::release);

    private static final AtomicIntegerFieldUpdater<PassedBody> USE =
            AtomicIntegerFieldUpdater.newUpdater(PassedBody.class, "use");
    private static final AtomicIntegerFieldUpdater<PassedBody> BUSY =
            AtomicIntegerFieldUpdater.newUpdater(PassedBody.class, "busy");

    private static final int UNUSED = 0;
    private static final int READING = 1;
    private static final int CUT_UNUSED = 2;
    private static final int OVER = 3;

    private final LocalCall call;
    private final Body source;
    private final LocalConnection sender;
    private final boolean download;
    private final int maxElement;
    private final AtomicReference<Sinks.@Nullable One<Fields>> trailersWanted = new AtomicReference<>();
    private volatile int use;
    private volatile int busy = 1; // until the source has been subscribed
    private volatile @Nullable RpcException cut;
    private volatile @Nullable Subscription upstream;
    private @Nullable CoreSubscriber<? super ByteBuf> actual; // written before, read after the source is subscribed
    private volatile Fields trailers = Fields.empty();
    private volatile @Nullable RpcException failure;
    private boolean begun; // the reader has its subscription; written and read while busy
    private @Nullable Throwable thrownByReader; // on its way through the source, back to the reader

    private PassedBody(LocalCall call, Body source, LocalConnection sender, boolean download, int maxElement) {
        this.call = call;
        this.source = source;
        this.sender = sender;
        this.download = download;
        this.maxElement = maxElement;
    }

    static PassedBody upload(LocalCall call, Body source, Content content) {
        return new PassedBody(
                call,
                source,
                call.lane().caller(),
                false,
                most(content, call.lane().callee()));
    }

    static PassedBody download(LocalCall call, Body source, Content content) {
        return new PassedBody(
                call,
                source,
                call.lane().callee(),
                true,
                most(content, call.lane().caller()));
    }

    private static int most(Content content, LocalConnection reader) {
        return content == Content.OCTETS
                ? Integer.MAX_VALUE
                : reader.spec().settings().maxElement();
    }

    // ---- the reader

    @Override
    public long length() {
        return source.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return download ? Mono.defer(this::trailersNow) : Mono.empty();
    }

    private Mono<Fields> trailersNow() {
        if (use != OVER && trailersWanted.get() == null) {
            trailersWanted.compareAndSet(null, Sinks.one());
        }
        if (use == OVER) {
            RpcException failed = failure;
            return failed != null ? Mono.error(failed) : trailers.isEmpty() ? Mono.empty() : Mono.just(trailers);
        }
        Sinks.One<Fields> wanted = trailersWanted.get();
        return wanted == null ? Mono.empty() : wanted.asMono();
    }

    private void answerTrailers() {
        Sinks.One<Fields> wanted = trailersWanted.get();
        if (wanted == null) {
            return;
        }
        RpcException failed = failure;
        if (failed != null) {
            wanted.tryEmitError(failed);
        } else if (trailers.isEmpty()) {
            wanted.tryEmitEmpty();
        } else {
            wanted.tryEmitValue(trailers);
        }
    }

    @Override
    public void discard() {
        if (USE.compareAndSet(this, UNUSED, OVER)) {
            source.discard();
            ended(RpcStatus.CANCELLED);
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> reader) {
        if (USE.compareAndSet(this, UNUSED, READING)) {
            actual = reader;
            try {
                source.subscribe(this);
            } catch (Throwable e) {
                threw(e);
            } finally {
                exit();
            }
            return;
        }
        RpcException why = USE.compareAndSet(this, CUT_UNUSED, OVER) ? cut : null;
        Operators.error(
                reader,
                why != null
                        ? why
                        : new IllegalStateException(
                                "body: subscribed or discarded before (expected: one subscription)"));
    }

    @Override
    public void request(long n) {
        Subscription sending = upstream;
        if (sending != null) {
            try {
                sending.request(n);
            } catch (Throwable e) {
                threw(e);
            }
        }
    }

    /** A source that throws where it may only signal has failed, whatever Reactor lets through; what its reader threw passes. */
    private void threw(Throwable error) {
        if (error == thrownByReader) {
            Sources.rethrow(error);
        } else if (use == READING) {
            cancelSource();
            onError(error);
        } else {
            Sources.late(call.endpoint(), error);
        }
    }

    /** Its side of the call ends with it: what reads a reply is the caller's own, what reads a request is of who answers. */
    private void readerThrew(Throwable error) {
        cancel();
        if (download) {
            thrownByReader = error;
            Sources.rethrow(error);
        }
        call.handlerThrew(error);
    }

    @Override
    public void cancel() {
        if (USE.compareAndSet(this, READING, OVER)) {
            cancelSource();
            ended(RpcStatus.CANCELLED);
        }
    }

    private void cancelSource() {
        Sources.cancel(call.endpoint(), upstream);
    }

    // ---- the source

    @Override
    public void onSubscribe(Subscription subscription) {
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (reader != null && Operators.validate(upstream, subscription)) {
            upstream = subscription;
            BUSY.getAndIncrement(this);
            try {
                if (use != READING || cut != null) {
                    cancelSource();
                } else {
                    begun = true;
                    reader.onSubscribe(this);
                }
            } finally {
                exit();
            }
        }
    }

    @Override
    public void onNext(ByteBuf element) {
        CoreSubscriber<? super ByteBuf> reader = actual;
        BUSY.getAndIncrement(this);
        try {
            if (reader == null || use != READING || cut != null) {
                element.release();
            } else if (element.readableBytes() > maxElement) {
                refuse(element);
            } else {
                pass(element, reader);
            }
        } finally {
            exit();
        }
    }

    private void pass(ByteBuf element, CoreSubscriber<? super ByteBuf> reader) {
        try {
            reader.onNext(element);
        } catch (Throwable e) {
            readerThrew(e);
        }
    }

    private void refuse(ByteBuf element) {
        RpcException tooLarge = RpcException.of(
                download ? RpcStatus.RESOURCE_EXHAUSTED : RpcStatus.INVALID_ARGUMENT,
                call.endpoint() + ": " + element.readableBytes() + " bytes in one element (expected: at most "
                        + maxElement + ")");
        element.release();
        cancelSource();
        fail(tooLarge);
        if (!download) {
            call.uploadRefused(tooLarge);
        }
    }

    @Override
    public void onComplete() {
        if (!download || use != READING) {
            finish(Fields.empty());
            return;
        }
        Mono<Fields> last;
        try {
            last = Objects.requireNonNull(source.trailers(), "trailers: null (expected: a Mono)");
        } catch (Throwable e) {
            onError(e);
            return;
        }
        if (last == Mono.<Fields>empty()) {
            finish(Fields.empty());
        } else {
            awaitTrailers(last);
        }
    }

    private void awaitTrailers(Mono<Fields> last) {
        TrailersSubscriber subscriber = new TrailersSubscriber();
        upstream = subscriber;
        try {
            last.subscribe(subscriber);
        } catch (Throwable e) {
            threw(e);
        }
        if (use != READING) {
            subscriber.cancel();
        }
    }

    private void finish(Fields last) {
        RpcException why = cut; // elements may have been dropped for it, so this is no good end
        RpcException tooLarge = call.lane().tooLarge("trailers", last);
        if (why != null) {
            fail(why);
        } else if (tooLarge != null) {
            fail(call.lane().told(sender, tooLarge));
        } else if (USE.compareAndSet(this, READING, OVER)) {
            trailers = last;
            ended(RpcStatus.OK);
            CoreSubscriber<? super ByteBuf> reader = actual;
            if (reader != null) {
                begin(reader);
                complete(reader);
            }
        }
    }

    private void complete(CoreSubscriber<? super ByteBuf> reader) {
        try {
            reader.onComplete();
        } catch (Throwable e) {
            readerThrew(e);
        }
    }

    /** What ends without a beginning is given one, which its reader has a right to. */
    private void begin(CoreSubscriber<? super ByteBuf> reader) {
        if (!begun) {
            begun = true;
            reader.onSubscribe(Operators.emptySubscription());
        }
    }

    @Override
    public void onError(Throwable error) {
        RpcException why = cut;
        if (why != null) {
            fail(why);
        } else if (use == READING) {
            RpcException known = Faults.toSend(call.endpoint(), error);
            RpcException told = call.lane().told(sender, known);
            if (download) {
                fail(told);
            } else {
                call.uploadFailed(known, () -> fail(told));
            }
        }
    }

    private void fail(RpcException why) {
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (reader != null && USE.compareAndSet(this, READING, OVER)) {
            failure = why;
            ended(why.rpcStatus());
            try {
                begin(reader);
                reader.onError(why);
            } catch (Throwable e) {
                failedToFail(e);
            }
        }
    }

    private void failedToFail(Throwable error) {
        if (download) {
            thrownByReader = error;
            Sources.rethrow(error);
        }
        Sources.consumerThrew(call.endpoint(), error);
    }

    // ---- the connection

    /** The rest must not pass; whoever reads gets the reason. */
    void cut(RpcException why) {
        cut = why;
        if (USE.compareAndSet(this, UNUSED, CUT_UNUSED)) {
            failure = why;
            Sources.discard(call.endpoint(), source);
            ended(why.rpcStatus());
        } else {
            BUSY.getAndIncrement(this);
            try {
                exit();
            } catch (Throwable e) { // whoever cuts has others to cut
                Sources.consumerThrew(call.endpoint(), e);
            }
        }
    }

    private void exit() {
        if (BUSY.decrementAndGet(this) == 0) {
            RpcException why = cut;
            if (why != null && use == READING) {
                cancelSource();
                fail(why);
            }
        }
    }

    private void ended(RpcStatus status) {
        if (download) {
            call.end(status);
        }
        answerTrailers();
    }

    // ---- the rest

    @Override
    public Context currentContext() {
        return DISCARD;
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.ACTUAL ? actual : null;
    }

    /** Waits for what comes last, before the end is told. */
    private final class TrailersSubscriber extends BaseSubscriber<Fields> {

        private Fields last = Fields.empty();

        @Override
        protected void hookOnNext(Fields fields) {
            last = fields;
        }

        @Override
        protected void hookOnComplete() {
            finish(last);
        }

        @Override
        protected void hookOnError(Throwable error) {
            PassedBody.this.onError(error);
        }
    }
}
