package io.headgate.function.async;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A lease while its call runs: renewed each third of its time, and lost when the store says so, or has not renewed it for two thirds.
 * As the store has a sixth to answer, it is given up a sixth before others may take the call.
 */
final class HeldLease {

    private final AsyncSetup setup;
    private final LeasedCall call;
    private final Duration third;
    private final Disposable.Swap expiry = Disposables.swap();
    private final Disposable.Swap renewal = Disposables.swap();
    private final Disposable.Swap question =
            Disposables.swap(); // apart from the timer: an answer that comes at once sets the next one
    private final Sinks.One<Outcome> lost = Sinks.one();
    private final AtomicInteger renewals = new AtomicInteger();
    private long failures; // renewals come one after another

    HeldLease(AsyncSetup setup, LeasedCall call) {
        this.setup = setup;
        this.call = call;
        this.third = setup.settings().lease().dividedBy(3);
    }

    /** Begins to renew it; to be called once, as soon as it was given. */
    void hold() {
        held();
    }

    /** Says that the lease is lost; nothing while it is held. */
    Mono<Outcome> lost() {
        return lost.asMono();
    }

    /** How often it was renewed so far. */
    int renewals() {
        return renewals.get();
    }

    /** Does not renew it any more. */
    void letGo() {
        expiry.dispose();
        renewal.dispose();
        question.dispose();
    }

    private void held() {
        failures = 0;
        expiry.update(in(third.multipliedBy(2), () -> lose("its lease was not renewed in time")));
        renewIn(third);
    }

    private void renewIn(Duration time) {
        renewal.update(in(time, this::renew));
    }

    private void renew() {
        question.update(setup.access()
                .once(
                        "renew",
                        () -> setup.store()
                                .renew(call, setup.now().plus(setup.settings().lease())))
                .subscribe(this::answered, error -> renewIn(setup.access().pause(++failures))));
    }

    private void answered(boolean isHeld) {
        if (isHeld) {
            renewals.incrementAndGet();
            held();
        } else {
            lose("somebody else has its lease, or it was called off");
        }
    }

    private void lose(String why) {
        lost.tryEmitValue(new Outcome.Lost(why));
    }

    private Disposable in(Duration time, Runnable task) {
        return setup.timer().schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
