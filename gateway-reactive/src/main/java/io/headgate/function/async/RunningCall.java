package io.headgate.function.async;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
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
        return untilAnswered(
                "end", () -> new LastWord.End(lease.renewals() - before < REFUSED ? end : Aftermath.bare(end)));
    }

    private Mono<Void> giveBack(Instant dueAt, String why, @Nullable String error) {
        LastWord word = new LastWord.Return(dueAt, why, error);
        return untilAnswered("giveBack", () -> word);
    }

    private Mono<Void> untilAnswered(String operation, Supplier<LastWord> words) {
        Set<LastWord> said = new HashSet<>(); // two at most, in one try after the other
        return setup.access()
                .untilAnswered(operation, () -> {
                    boolean isFirst = said.isEmpty();
                    LastWord word = words.get();
                    said.add(word);
                    return word.say(setup.store(), call)
                            .flatMap(isHeld ->
                                    isHeld ? Mono.just(word) : isFirst ? Mono.<LastWord>empty() : keptBefore(said));
                })
                .onErrorComplete()
                .switchIfEmpty(
                        lost("its lease was taken before its end was recorded").then(Mono.empty()))
                .doOnNext(word -> word.tell(setup.observer(), call))
                .then();
    }

    /** A try that failed may have been heard all the same, and has then ended the lease itself. */
    private Mono<LastWord> keptBefore(Set<LastWord> said) {
        return setup.store()
                .call(call.call().fnId(), call.call().id())
                .flatMap(record -> Mono.justOrEmpty(
                        said.stream().filter(word -> word.isKept(record, call)).findAny()));
    }

    private Mono<Void> lost(String why) {
        return Mono.fromRunnable(() -> setup.observer().lost(call, why));
    }
}
