package io.headgate.function.async;

import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A leased call, from its lease to the record of its end. */
final class RunningCall {

    /** After that many renewals a store that does not take an end is not down: it is this end that it does not take. */
    private static final int REFUSED = 3;

    private final AsyncSetup setup;
    private final BusyFunctions busy;
    private final LeasedCall call;
    private final HeldLease lease;
    private final Attempt attempt;
    private final Aftermath aftermath;

    RunningCall(AsyncSetup setup, BusyFunctions busy, LeasedCall call) {
        this.setup = setup;
        this.busy = busy;
        this.call = call;
        this.lease = new HeldLease(setup, call);
        this.attempt = new Attempt(setup, call);
        this.aftermath = new Aftermath(setup.settings());
    }

    /**
     * Runs it. While its end is to be recorded the lease is renewed as well, but no longer counts: the store knows whether somebody
     * else has the call.
     *
     * @param stopped when the call is to be given up and back
     * @param abandoned when nothing is to be recorded any more
     * @return completes when nothing is left to do; does not fail
     */
    Mono<Void> run(Mono<Void> stopped, Mono<Void> abandoned) {
        return Mono.defer(() -> {
                    lease.hold();
                    return Mono.firstWithSignal(
                            stopped.then(Mono.just(new Outcome.Stopped())), lease.lost(), attempt.run());
                })
                .flatMap(outcome -> Mono.firstWithSignal(
                        abandoned.then(lost("the store did not answer before this process ended")), settle(outcome)))
                .doFinally(end -> lease.letGo());
    }

    private Mono<Void> settle(Outcome outcome) {
        if (outcome instanceof Outcome.Answered answered) {
            busy.ran(call.call().fnId());
            return end(Aftermath.answered(answered.result(), setup.now(), attempt.log()));
        }
        if (outcome instanceof Outcome.Failed failed) {
            return failed(failed);
        }
        if (outcome instanceof Outcome.Over over) {
            return end(Aftermath.over(over, setup.now(), attempt.log()));
        }
        if (outcome instanceof Outcome.NotTried untried) {
            return later(untried.why());
        }
        if (outcome instanceof Outcome.Lost lost) {
            return lost(lost.why());
        }
        return giveBack(setup.now(), "the gateway stopped", null);
    }

    private Mono<Void> failed(Outcome.Failed failed) {
        if (aftermath.isUntried(failed)) {
            return later(Aftermath.text(call, failed.why()));
        }
        busy.ran(call.call().fnId());
        double random = setup.random().getAsDouble();
        return end(aftermath.failed(call, failed, setup.now(), random, attempt.log()));
    }

    private Mono<Void> later(String why) {
        return giveBack(setup.now().plus(busy.refused(call.call().fnId())), why, why);
    }

    private Mono<Void> end(CallEnd end) {
        int before = lease.renewals();
        return untilAnswered("end", () -> {
            CallEnd said = lease.renewals() - before < REFUSED ? end : Aftermath.bare(end);
            return setup.store().end(call, said).doOnNext(isHeld -> {
                if (isHeld) {
                    setup.observer().ended(call, said);
                }
            });
        });
    }

    private Mono<Void> giveBack(Instant dueAt, String why, @Nullable String error) {
        return untilAnswered(
                "giveBack",
                () -> setup.store().giveBack(call, dueAt, error).doOnNext(isHeld -> {
                    if (isHeld) {
                        setup.observer().gaveBack(call, why);
                    }
                }));
    }

    private Mono<Void> untilAnswered(String operation, Supplier<Mono<Boolean>> tell) {
        return setup.access()
                .untilAnswered(operation, tell)
                .onErrorReturn(false)
                .flatMap(isHeld -> isHeld ? Mono.empty() : lost("its lease was taken before its end was recorded"));
    }

    private Mono<Void> lost(String why) {
        return Mono.fromRunnable(() -> setup.observer().lost(call, why));
    }
}
