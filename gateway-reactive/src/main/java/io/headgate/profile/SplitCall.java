package io.headgate.profile;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Picks when it is subscribed: another attempt may go elsewhere. */
final class SplitCall<I, O> extends Mono<O> {

    private final TargetSet<I, O> targets;
    private final I input;
    private final @Nullable LongAdder count;

    SplitCall(TargetSet<I, O> targets, I input, @Nullable LongAdder count) {
        this.targets = targets;
        this.input = input;
        this.count = count;
    }

    @Override
    public void subscribe(CoreSubscriber<? super O> actual) {
        if (count != null) {
            count.increment();
        }
        Target<I, O> target = targets.pick();
        if (target == null) {
            Operators.error(actual, targets.refusal());
            return;
        }
        try {
            call(target).subscribe(actual);
        } finally {
            target.leave(); // the call has reached its service, or has been refused by it
        }
    }

    private Mono<O> call(Target<I, O> target) {
        try {
            return target.service.call(input);
        } catch (RuntimeException e) {
            return Mono.error(e);
        }
    }
}
