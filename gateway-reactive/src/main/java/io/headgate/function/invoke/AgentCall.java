package io.headgate.function.invoke;

import io.headgate.function.dispatch.Grant;
import io.headgate.function.dispatch.Slot;
import io.headgate.function.dispatch.Timers;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.log.CallOutput;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One call from its subscription to the last byte of its reply. It ends once for its caller and for observers, and gives its slot
 * back once; the second may come after the first, when a reply that nobody wants any more is read to its end.
 */
final class AgentCall implements CoreSubscriber<InstanceReply>, Subscription, Runnable, CallOutput, Scannable {

    private static final AtomicIntegerFieldUpdater<AgentCall> STATE =
            AtomicIntegerFieldUpdater.newUpdater(AgentCall.class, "state");
    private static final AtomicIntegerFieldUpdater<AgentCall> TOLD =
            AtomicIntegerFieldUpdater.newUpdater(AgentCall.class, "told");
    private static final AtomicIntegerFieldUpdater<AgentCall> SETTLED =
            AtomicIntegerFieldUpdater.newUpdater(AgentCall.class, "settled");

    /** How many instances a call is sent to at most, when nobody listens at those before. */
    private static final int MOST_TRIES = 3;

    private static final int QUEUED = 0;
    private static final int STARTING = 1; // until the driver has the call
    private static final int LEFT = 2; // the caller did so while starting
    private static final int SENT = 3;
    private static final int REPLIED = 4; // the body has taken over
    private static final int OVER = 5;

    private final FunctionAgent agent;
    private final Invocation invocation;
    private final Workload workload;
    private final CoreSubscriber<? super InvocationReply> actual;
    private final Timers timers;
    private final long created;
    private final long callerDeadline; // on the clock of the timers
    private volatile int state;
    private volatile int told;
    private volatile int settled;
    private volatile @Nullable Seek seek;
    private volatile @Nullable Subscription upstream;
    private volatile Timers.@Nullable Task timer;

    // Written before SENT.
    private @Nullable Slot<LiveInstance> slot;
    private boolean cold;
    private long started;
    private long until;
    private int tries; // instances that it was sent to

    private @Nullable ReplyBody reply; // written before REPLIED

    AgentCall(
            FunctionAgent agent,
            Invocation invocation,
            Workload workload,
            CoreSubscriber<? super InvocationReply> actual) {
        this.agent = agent;
        this.invocation = invocation;
        this.workload = workload;
        this.actual = actual;
        this.timers = agent.timers();
        this.created = timers.nanoTime();
        this.callerDeadline = invocation.deadline().isNone()
                ? Long.MAX_VALUE
                : created + invocation.deadline().remainingNanos();
    }

    // ---- waiting

    /** Observers first: the caller may leave as soon as it can. */
    void begin() {
        agent.observers().queued(invocation);
        actual.onSubscribe(this);
        if (!isOver()) {
            seek();
        }
    }

    private void seek() {
        Seek mine = new Seek(this);
        seek = mine;
        mine.begin(agent.dispatcher(), workload, agent.timeouts().slotDeadline(created, timeout(), callerDeadline));
    }

    private long timeout() {
        return Duration.ofSeconds(workload.fn().timeoutSeconds()).toNanos();
    }

    boolean isOver() {
        return state == OVER;
    }

    void refused(FunctionException error) {
        if (STATE.compareAndSet(this, QUEUED, OVER)) {
            invocation.payload().discard();
            tellWithoutRun(Outcome.of(error), error);
            actual.onError(error);
        }
    }

    // ---- running

    void granted(Slot<LiveInstance> given, Grant grant) {
        if (given.instance().isOver()) {
            given.fail("it ended before the call");
            if (!isOver()) {
                seek(); // nothing was sent yet
            }
            return;
        }
        long now = timers.nanoTime();
        until = agent.timeouts().runDeadline(created, now, timeout(), callerOfRun());
        if (until - now <= 0 || !agent.timeouts().mayStart(created, now, timeout())) {
            given.release();
            refused(agent.tooLate());
            return;
        }
        slot = given;
        if (tries == 0) {
            cold = grant.cold();
            started = now;
        }
        if (STATE.compareAndSet(this, QUEUED, STARTING)) {
            start(given.instance());
        } else {
            given.release(); // the caller left meanwhile
        }
    }

    /** Who detached has left, and how long it would have waited says nothing of the run. */
    private long callerOfRun() {
        return invocation.type() == CallType.DETACHED ? Long.MAX_VALUE : callerDeadline;
    }

    private void start(LiveInstance live) {
        live.output().begin(this);
        if (tries++ == 0) {
            agent.observers().started(invocation, cold, started - created);
        }
        if (state == LEFT) {
            invocation.payload().discard();
            left(null); // nothing was sent
            return;
        }
        try {
            long nanos = until - timers.nanoTime();
            Fields fields = ContractFields.of(invocation.fields(), invocation.id(), agent.deadline(nanos));
            boolean hearsAll = agent.observers().hearsAll(invocation);
            live.instance()
                    .call(new InstanceRequest(fields, invocation.payload(), hearsAll))
                    .subscribe(this);
        } catch (RuntimeException | Error e) { // of the driver, whom the slot must not be lost by
            invocation.payload().discard();
            isSent();
            onError(e);
        }
    }

    /** The driver has the call. Until then a caller that leaves does not give the slot back: the instance would be called after it. */
    private boolean isSent() {
        if (STATE.compareAndSet(this, STARTING, SENT)) {
            return true;
        }
        if (state == LEFT) {
            cancelUpstream();
            left("its caller left before the reply");
        }
        return false;
    }

    private void left(@Nullable String why) {
        state = OVER;
        tell(Outcome.CANCELLED, null);
        settle(why);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (!Operators.validate(upstream, subscription)) {
            return;
        }
        upstream = subscription;
        if (!isSent()) {
            return;
        }
        int mine = tries;
        Timers.Task task = timers.schedule(mine == 1 ? this : () -> expire(mine), until - timers.nanoTime());
        timer = task;
        if (isOver()) {
            task.cancel(); // a cancel did not see it
        }
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(InstanceReply answer) {
        FunctionException verdict = Verdict.of(answer, agent.settings().maxReplyFieldBytes());
        if (verdict != null && isStopped()) {
            verdict = Verdict.ofStopped(verdict);
        }
        if (verdict != null && !Verdict.isKept(answer)) {
            answer.body().discard();
            failed(verdict, "its reply was not one");
            return;
        }
        ReplyBody body =
                new ReplyBody(this, answer.body(), verdict, agent.settings().maxReplyBytes());
        reply = body;
        if (!STATE.compareAndSet(this, SENT, REPLIED)) {
            answer.body().discard();
        } else if (verdict != null) {
            body.subscribe(new FaultSubscriber(verdict, actual));
        } else {
            Body empty = answer.body().isEmpty() ? body.passOn() : null;
            actual.onNext(new InvocationReply(answer.fields(), empty == null ? body : empty));
            actual.onComplete();
        }
    }

    @Override
    public void onError(Throwable error) {
        if (InstanceFailure.leavesRequest(error)) {
            if (isSentElsewhere()) {
                return;
            }
            invocation.payload().discard();
        }
        failed(brokenOff(error), InstanceFailure.leavesUsable(error) ? null : "its call failed");
    }

    /** Nobody listens at the instance, which is given up; the call has not begun, and waits for another one. */
    private boolean isSentElsewhere() {
        if (tries >= MOST_TRIES || !STATE.compareAndSet(this, SENT, QUEUED)) {
            return false;
        }
        settle("nobody listens");
        slot = null;
        timer = null;
        upstream = null;
        settled = 0;
        seek();
        return true;
    }

    @Override
    public void onComplete() {
        if (state == SENT) {
            failed(
                    brokenOff(new FunctionException(ErrorKind.FUNCTION_FAILED, "the function did not answer")),
                    "it did not answer");
        }
    }

    /** What the call fails with when it, or its reply, broke off. */
    Throwable brokenOff(Throwable error) {
        return isStopped() ? Verdict.ofStopped(Verdict.of(error)) : Verdict.of(error);
    }

    private boolean isStopped() {
        Slot<LiveInstance> mine = slot;
        return mine != null && mine.instance().isStopped();
    }

    private void failed(Throwable error, @Nullable String why) {
        if (STATE.compareAndSet(this, SENT, OVER)) {
            tell(Outcome.of(error), error);
            settle(why);
            actual.onError(error);
        }
    }

    /** The time is over. */
    @Override
    public void run() {
        expire(1);
    }

    private void expire(int of) {
        if (of != tries) {
            return; // a timer that was cancelled too late
        }
        if (STATE.compareAndSet(this, SENT, OVER)) {
            FunctionException error = late();
            cancelUpstream();
            tell(Outcome.TIMED_OUT, error);
            settle("it did not answer in time");
            actual.onError(error);
        } else if (state == REPLIED && reply != null) {
            reply.expire();
        }
    }

    FunctionException late() {
        return new FunctionException(
                ErrorKind.TIMED_OUT,
                "the function did not answer in time (expected: within "
                        + workload.fn().timeoutSeconds() + " s)");
    }

    // ---- the caller

    @Override
    public void request(long n) {
        Operators.validate(n); // there is one reply, and it comes when it is there
    }

    @Override
    public void cancel() {
        if (STATE.compareAndSet(this, QUEUED, OVER)) {
            Seek mine = seek;
            if (mine != null) {
                mine.leave();
            }
            invocation.payload().discard();
            tellWithoutRun(Outcome.CANCELLED, null);
        } else if (STATE.compareAndSet(this, SENT, OVER)) {
            cancelUpstream();
            tell(Outcome.CANCELLED, null);
            settle("its caller left before the reply");
        } else if (!STATE.compareAndSet(this, STARTING, LEFT) && state == REPLIED && reply != null) {
            reply.leaveFault();
        }
    }

    private void cancelUpstream() {
        Subscription source = upstream;
        if (source != null) {
            source.cancel();
        }
    }

    // ---- the two ends

    /** The end for observers, of a call that was sent or about to be. */
    void tell(Outcome outcome, @Nullable Throwable error) {
        if (told == 0 && TOLD.compareAndSet(this, 0, 1)) {
            long ran = timers.nanoTime() - started;
            agent.observers().ended(invocation, new InvocationEnd(outcome, error, true, cold, started - created, ran));
        }
    }

    private void tellWithoutRun(Outcome outcome, @Nullable Throwable error) {
        if (tries > 0) {
            tell(outcome, error); // observers know of a start
        } else if (told == 0 && TOLD.compareAndSet(this, 0, 1)) {
            long waited = timers.nanoTime() - created;
            agent.observers().ended(invocation, new InvocationEnd(outcome, error, false, false, waited, 0));
        }
    }

    /**
     * The end for the instance.
     *
     * @param why it is not fit for a further call, or null when it is
     */
    void settle(@Nullable String why) {
        Slot<LiveInstance> mine = slot;
        if (mine == null || settled == 1 || !SETTLED.compareAndSet(this, 0, 1)) {
            return;
        }
        Timers.Task task = timer;
        if (task != null) {
            task.cancel();
        }
        mine.instance().output().end(this);
        if (why == null) {
            mine.release();
        } else {
            mine.fail(why);
        }
    }

    // ---- output

    @Override
    public String callId() {
        return invocation.id();
    }

    @Override
    public void print(ByteBuf bytes) {
        agent.observers().printed(invocation, bytes);
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
