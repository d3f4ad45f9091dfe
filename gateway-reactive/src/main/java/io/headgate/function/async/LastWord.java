package io.headgate.function.async;

import io.headgate.function.model.CallRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What is said of an attempt to the store, and to the observer when the store has kept it. */
sealed interface LastWord {

    Mono<Boolean> say(CallStore store, LeasedCall call);

    /** Tells whether it is what a record says, so that it was kept although the answer was lost. */
    boolean isKept(CallRecord record, LeasedCall call);

    void tell(AsyncObserver observer, LeasedCall call);

    /** The attempt has ended. */
    record End(CallEnd end) implements LastWord {

        @Override
        public Mono<Boolean> say(CallStore store, LeasedCall call) {
            return store.end(call, end);
        }

        @Override
        public boolean isKept(CallRecord record, LeasedCall call) {
            boolean isTime = end.status().isEnded()
                    ? isSame(end.at(), record.completedAt())
                    : isSame(end.dueAt(), record.dueAt());
            return isTime && record.status() == end.status() && record.attempts() == call.attempt();
        }

        @Override
        public void tell(AsyncObserver observer, LeasedCall call) {
            observer.ended(call, end);
        }
    }

    /** There was no attempt. */
    record Return(Instant dueAt, String why, @Nullable String error) implements LastWord {

        @Override
        public Mono<Boolean> say(CallStore store, LeasedCall call) {
            return store.giveBack(call, dueAt, error);
        }

        @Override
        public boolean isKept(CallRecord record, LeasedCall call) {
            return isSame(dueAt, record.dueAt())
                    && !record.status().isEnded()
                    && record.attempts() == call.attempt() - 1;
        }

        @Override
        public void tell(AsyncObserver observer, LeasedCall call) {
            observer.gaveBack(call, why);
        }
    }

    /** Stores keep milliseconds at least. */
    private static boolean isSame(Instant said, @Nullable Instant kept) {
        return kept != null && said.truncatedTo(ChronoUnit.MILLIS).equals(kept.truncatedTo(ChronoUnit.MILLIS));
    }
}
