package io.headgate.function.invoke;

import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * What a function outputs. It is read to its end also when nobody wants the rest, as long as the call may run: an instance that has
 * been heard out can take the next call, one that was interrupted cannot.
 */
final class ReplyBody extends Body implements CoreSubscriber<ByteBuf>, Subscription, Scannable {

    private enum Use {
        UNREAD,
        READ,
        DRAINED,
        OVER
    }

    private final AgentCall call;
    private final Body source;
    private final @Nullable FunctionException verdict;
    private final AtomicReference<Use> use = new AtomicReference<>(Use.UNREAD);
    private final AtomicInteger passing =
            new AtomicInteger(1); // signals to the reader; the first is that of its subscription
    private final AtomicBoolean ended = new AtomicBoolean(); // for the reader
    private volatile boolean ending;
    private volatile @Nullable CoreSubscriber<? super ByteBuf> actual;
    private volatile @Nullable Subscription upstream;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Throwable unread; // why it was not read in time
    private long left;
    private long max;

    /**
     * The body of a reply.
     *
     * @param verdict what the call has failed with already, or null
     */
    ReplyBody(AgentCall call, Body source, @Nullable FunctionException verdict, long maxBytes) {
        this.call = call;
        this.source = source;
        this.verdict = verdict;
        this.max = maxBytes;
        this.left = maxBytes;
    }

    /** A smaller bound than the agent's; before it is read. */
    void limit(long maxBytes) {
        max = Math.min(max, maxBytes);
        left = max;
    }

    /**
     * For a reply that is here as a whole: its call is over, and what reads it has no part in that.
     *
     * @return what the function sent, in place of this; null when it must be read through this
     */
    @Nullable Body passOn() {
        if (!source.isWhole() || source.length() > max || !use.compareAndSet(Use.UNREAD, Use.OVER)) {
            return null;
        }
        call.tell(Outcome.COMPLETED, null);
        call.settle(null);
        return source;
    }

    @Override
    public long length() {
        return source.length();
    }

    /** Those of a function are between it and us. */
    @Override
    public Mono<Fields> trailers() {
        return Mono.empty();
    }

    // ---- the reader

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> reader) {
        if (use.get() == Use.UNREAD) {
            actual = reader;
            if (use.compareAndSet(Use.UNREAD, Use.READ)) {
                source.subscribe(this);
                return;
            }
        }
        Throwable error = unread;
        Operators.error(
                reader,
                error == null
                        ? new IllegalStateException("body: subscribed or discarded before (expected: one subscription)")
                        : error);
    }

    @Override
    public void discard() {
        if (use.compareAndSet(Use.UNREAD, Use.DRAINED)) {
            call.tell(Outcome.CANCELLED, null);
            source.subscribe(this);
        }
    }

    @Override
    public void request(long n) {
        Subscription from = upstream;
        if (from != null) {
            from.request(n);
        }
    }

    @Override
    public void cancel() {
        if (use.compareAndSet(Use.READ, Use.DRAINED)) {
            call.tell(Outcome.CANCELLED, null);
            request(Long.MAX_VALUE);
        }
    }

    /** The caller left while the words of a failed function were read; nobody else reads this. */
    void leaveFault() {
        if (verdict != null) {
            cancel();
        }
    }

    // ---- the function

    @Override
    public Context currentContext() {
        CoreSubscriber<? super ByteBuf> reader = actual;
        return reader == null ? Context.empty() : reader.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (!Operators.validate(upstream, subscription)) {
            return;
        }
        upstream = subscription;
        CoreSubscriber<? super ByteBuf> reader = actual;
        if (use.get() == Use.OVER) {
            subscription.cancel();
        }
        if (reader == null) {
            subscription.request(Long.MAX_VALUE); // discarded
        } else {
            reader.onSubscribe(this);
            passed();
        }
    }

    private CoreSubscriber<? super ByteBuf> reader() {
        return Objects.requireNonNull(actual, "actual");
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (use.get() != Use.READ) {
            buffer.release();
            return;
        }
        left -= buffer.readableBytes();
        if (left < 0) {
            buffer.release();
            tooLarge();
            return;
        }
        passing.incrementAndGet();
        if (ending) {
            buffer.release();
        } else {
            reader().onNext(buffer);
        }
        passed();
    }

    private void tooLarge() {
        if (use.compareAndSet(Use.READ, Use.DRAINED)) {
            FunctionException error = Verdict.tooLarge(max);
            call.tell(Outcome.FAILED, error);
            request(Long.MAX_VALUE);
            endReading(error);
        }
    }

    @Override
    public void onComplete() {
        Use before = use.getAndSet(Use.OVER);
        if (before == Use.READ) {
            call.tell(verdict == null ? Outcome.COMPLETED : Outcome.of(verdict), verdict);
        }
        if (before != Use.OVER) {
            call.settle(null);
        }
        if (before == Use.READ) {
            endReading(null);
        }
    }

    @Override
    public void onError(Throwable error) {
        breakOff(call.brokenOff(error), InstanceFailure.leavesUsable(error) ? null : "its reply was cut short");
    }

    /** The time of the call is over. */
    void expire() {
        Use before = use.get();
        if (before == Use.OVER) {
            return;
        }
        FunctionException error = call.late();
        if (before == Use.UNREAD) {
            unread = error;
        }
        if (use.compareAndSet(Use.UNREAD, Use.OVER)) {
            source.discard();
            call.tell(Outcome.TIMED_OUT, error);
            call.settle("its reply was not read in time");
            return;
        }
        Subscription from = upstream;
        if (from != null) {
            from.cancel();
        }
        breakOff(error, "its reply did not end in time");
    }

    private void breakOff(Throwable error, @Nullable String why) {
        Use before = use.getAndSet(Use.OVER);
        if (before == Use.READ) {
            call.tell(Outcome.of(error), error);
        }
        if (before != Use.OVER) {
            call.settle(why);
        }
        if (before == Use.READ) {
            endReading(error);
        }
    }

    // ---- the end for the reader

    /** The end comes after what is being passed. Null is a good one. */
    private void endReading(@Nullable Throwable error) {
        failure = error;
        ending = true;
        if (passing.get() == 0) {
            end();
        }
    }

    private void passed() {
        if (passing.decrementAndGet() == 0 && ending) {
            end();
        }
    }

    private void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        Throwable error = failure;
        if (error == null) {
            reader().onComplete();
        } else {
            reader().onError(error);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
