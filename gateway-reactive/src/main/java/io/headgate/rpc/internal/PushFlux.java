package io.headgate.rpc.internal;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * A push object as an operator: one input at a time goes in, and what comes out of it waits for demand.
 *
 * @param <I> what goes in
 * @param <O> what comes out
 */
public final class PushFlux<I, O> extends Flux<O> {

    /**
     * A push object. What it throws is the error of the stream.
     *
     * @param <I> what goes in
     */
    public interface Step<I> {

        /**
         * One input.
         *
         * @param input takes ownership
         */
        void next(I input);

        /** There is no more input. */
        void end();

        /** Releases what is held. */
        void discard();
    }

    private final Flux<? extends I> source;
    private final Function<Consumer<O>, Step<I>> step;
    private final Consumer<O> releaseOutput;
    private final Consumer<I> releaseInput;

    /**
     * The operator on a source.
     *
     * @param source is asked for one input at a time
     * @param step makes a push object for each subscription, which is given where its outputs go
     * @param releaseOutput for outputs that nobody takes
     * @param releaseInput for inputs that come too late
     */
    public PushFlux(
            Flux<? extends I> source,
            Function<Consumer<O>, Step<I>> step,
            Consumer<O> releaseOutput,
            Consumer<I> releaseInput) {
        this.source = source;
        this.step = step;
        this.releaseOutput = releaseOutput;
        this.releaseInput = releaseInput;
    }

    @Override
    public void subscribe(CoreSubscriber<? super O> actual) {
        source.subscribe(new PushSubscriber<>(actual, step, releaseOutput, releaseInput));
    }

    /** Serialises demand, input and cancellation by a count of what is to be done; the thread that makes it one does all. */
    private static final class PushSubscriber<I, O> implements CoreSubscriber<I>, Subscription, Scannable {

        @SuppressWarnings("rawtypes")
        private static final AtomicLongFieldUpdater<PushSubscriber> REQUESTED =
                AtomicLongFieldUpdater.newUpdater(PushSubscriber.class, "requested");

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<PushSubscriber> WORK =
                AtomicIntegerFieldUpdater.newUpdater(PushSubscriber.class, "work");

        private final CoreSubscriber<? super O> actual;
        private final Step<I> step;
        private final Consumer<O> releaseOutput;
        private final Consumer<I> releaseInput;
        private volatile long requested;
        private volatile int work;
        private volatile boolean cancelled;
        private volatile boolean sourceDone;
        private volatile @Nullable I input;
        private @Nullable Throwable error; // before sourceDone
        private @Nullable Subscription subscription;

        // For the thread that works alone.
        private final ArrayDeque<O> ready = new ArrayDeque<>();
        private boolean asked;
        private boolean ended;
        private boolean terminated;

        PushSubscriber(
                CoreSubscriber<? super O> actual,
                Function<Consumer<O>, Step<I>> step,
                Consumer<O> releaseOutput,
                Consumer<I> releaseInput) {
            this.actual = actual;
            this.step = step.apply(ready::add);
            this.releaseOutput = releaseOutput;
            this.releaseInput = releaseInput;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.validate(subscription, s)) {
                subscription = s;
                actual.onSubscribe(this);
            }
        }

        @Override
        public void onNext(I next) {
            if (sourceDone) {
                releaseInput.accept(next);
                return;
            }
            input = next;
            work();
        }

        @Override
        public void onError(Throwable failure) {
            error = failure;
            sourceDone = true;
            work();
        }

        @Override
        public void onComplete() {
            sourceDone = true;
            work();
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                Operators.addCap(REQUESTED, this, n);
                work();
            }
        }

        @Override
        public void cancel() {
            if (!cancelled) {
                cancelled = true;
                if (subscription != null) {
                    subscription.cancel();
                }
                work();
            }
        }

        private void work() {
            if (WORK.getAndIncrement(this) != 0) {
                return;
            }
            int done = 1;
            do {
                round();
                done = WORK.addAndGet(this, -done);
            } while (done != 0);
        }

        private void round() {
            take();
            while (!cancelled && !terminated && requested > 0 && !ready.isEmpty()) {
                if (requested != Long.MAX_VALUE) {
                    REQUESTED.decrementAndGet(this);
                }
                actual.onNext(ready.remove());
            }
            if (cancelled || terminated) {
                release();
                return;
            }
            if (!ready.isEmpty()) {
                return;
            }
            if (sourceDone && input == null) {
                finish();
            } else if (requested > 0 && !asked && subscription != null) {
                asked = true;
                subscription.request(1);
            }
        }

        /** Takes the input that has come, once what came of the one before is gone. */
        private void take() {
            I next = input;
            if (next == null) {
                return;
            }
            input = null;
            asked = false;
            if (cancelled || terminated) {
                releaseInput.accept(next);
                return;
            }
            attempt(() -> step.next(next));
        }

        private void attempt(Runnable task) {
            try {
                task.run();
            } catch (RuntimeException e) {
                if (subscription != null) {
                    subscription.cancel();
                }
                error = error == null ? e : error;
                ended = true;
                sourceDone = true;
            }
        }

        private void finish() {
            if (!ended && error == null) {
                ended = true;
                attempt(step::end);
            }
            terminated = true;
            release();
            if (error == null) {
                actual.onComplete();
            } else {
                actual.onError(error);
            }
        }

        private void release() {
            for (O output = ready.poll(); output != null; output = ready.poll()) {
                releaseOutput.accept(output);
            }
            step.discard();
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            if (key == Attr.PARENT) {
                return subscription;
            }
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.CANCELLED) {
                return cancelled;
            }
            if (key == Attr.TERMINATED) {
                return terminated;
            }
            return key == Attr.BUFFERED ? ready.size() : null;
        }
    }
}
