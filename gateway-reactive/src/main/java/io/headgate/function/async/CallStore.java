package io.headgate.function.async;

import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.Page;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps asynchronous calls; several processes may share one. An accepted call is never lost: it is queued, or leased by somebody
 * whose lease ends, or ended.
 *
 * <p>A {@link io.headgate.function.model.FunctionException} says what is not there; any other error is a failure of the store.
 * Nothing happens before the subscription.
 *
 * <p><b>Threading.</b> Any thread may call. Signals come on a thread of the store.
 */
public interface CallStore {

    /**
     * Records a call. It is accepted when this has completed.
     *
     * @param call the call
     * @return completes when it is recorded
     */
    Mono<Void> add(QueuedCall call);

    /**
     * Takes calls that are due, each for one taker alone. Calls whose lease has ended are due as well.
     *
     * @param worker who takes them, for people to read
     * @param max calls at most
     * @param now the time
     * @param time how long they are leased
     * @return the calls, none when nothing is due
     */
    Mono<List<LeasedCall>> lease(String worker, int max, Instant now, Duration time);

    /**
     * Renews a lease.
     *
     * @param call the call
     * @param until when it is to end
     * @return false when the call is not leased by this lease any more: whoever runs it gives it up
     */
    Mono<Boolean> renew(LeasedCall call, Instant until);

    /**
     * Says how an attempt ended.
     *
     * @param call the call
     * @param end how
     * @return false when the call is not leased by this lease any more; then nothing is changed
     */
    Mono<Boolean> end(LeasedCall call, CallEnd end);

    /**
     * Calls a call off that waits.
     *
     * @param fnId the function
     * @param id the call
     * @param now the time
     * @return false when it runs or has ended
     */
    Mono<Boolean> cancel(String fnId, String id, Instant now);

    /**
     * Puts a dead letter back into the queue.
     *
     * @param fnId the function
     * @param id the call
     * @param now the time; the call may be tried as long again as it could at first
     * @return false when it is not a dead letter
     */
    Mono<Boolean> revive(String fnId, String id, Instant now);

    /**
     * Looks a call up.
     *
     * @param fnId the function
     * @param id the call
     * @return what is known of it
     */
    Mono<CallRecord> call(String fnId, String id);

    /**
     * Lists calls, the newest first.
     *
     * @param filter which
     * @param after the {@link Page#next} of the part before, or null
     * @param size calls at most
     * @return the part
     */
    Mono<Page<CallRecord>> calls(Filter filter, @Nullable String after, int size);

    /**
     * What a function answered.
     *
     * @param fnId the function
     * @param id the call
     * @return the result, empty when it has none
     */
    Mono<CallResult> result(String fnId, String id);

    /**
     * What a function printed during the last attempt.
     *
     * @param fnId the function
     * @param id the call
     * @return the bytes; empty when the call has not ended
     */
    Mono<byte[]> log(String fnId, String id);

    /**
     * When there is something to do next.
     *
     * @return the time at which the first call is due or the first lease ends; empty when there is none
     */
    Mono<Instant> nextDue();

    /**
     * Forgets calls that have ended.
     *
     * @param before when at the latest
     * @return how many
     */
    Mono<Long> forget(Instant before);

    /**
     * How many calls are queued and running, of all functions.
     *
     * @return the figures
     */
    Mono<Backlog> backlog();

    /**
     * Which calls are listed.
     *
     * @param fnId of which function
     * @param status in which state, or null for all
     * @param from created at this time at the earliest, or null
     * @param to created before this time, or null
     */
    record Filter(
            String fnId,
            @Nullable CallStatus status,
            @Nullable Instant from,
            @Nullable Instant to) {}

    /**
     * What is still to do.
     *
     * @param queued calls that wait
     * @param running calls under a lease
     * @param oldest when the oldest queued call was created, or null
     */
    record Backlog(long queued, long running, @Nullable Instant oldest) {}
}
