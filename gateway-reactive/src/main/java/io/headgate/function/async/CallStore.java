package io.headgate.function.async;

import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.Page;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps asynchronous calls; several processes may share one. An accepted call is never lost: it is queued, or leased by somebody
 * whose lease ends, or ended.
 *
 * <p>A store keeps and hands out; what is tried how often is the matter of who leases. It hands out calls that have expired or were
 * tried too often like all others, so that somebody records their end.
 *
 * <p>A {@link io.headgate.function.model.FunctionException} says what is not there; any other error is a failure of the store.
 * Nothing happens before the subscription; what has started is not undone by a cancel. Times are those of the callers, kept in
 * milliseconds at least, and none of them is asked of a clock of the store.
 *
 * <p><b>Threading.</b> Any thread may call. Signals come on a thread of the store.
 */
public interface CallStore {

    /**
     * Records a call. It is accepted when this has completed. To record the same call again changes nothing.
     *
     * @param call the call
     * @return completes when it is recorded
     */
    Mono<Void> add(QueuedCall call);

    /**
     * Takes calls that are due, each for one taker alone, in the order of their {@linkplain QueuedCall#rank ranks}. Calls whose
     * lease has ended are due as well. Each taking counts as an attempt until it is {@linkplain #giveBack given back}.
     *
     * @param request who takes which
     * @return the calls, none when nothing is due
     */
    Mono<List<LeasedCall>> lease(LeaseRequest request);

    /**
     * Renews a lease, also one whose time is over when nobody has taken the call since.
     *
     * @param call the call
     * @param until when it is to end
     * @return false when the call is not leased by this lease any more: whoever runs it gives it up
     */
    Mono<Boolean> renew(LeasedCall call, Instant until);

    /**
     * Gives a lease back: the call was not tried, and its attempt does not count.
     *
     * @param call the call
     * @param dueAt when it may be taken again
     * @param why why it was not tried, kept as its error; null keeps the error that it has
     * @return false when the call is not leased by this lease any more; then nothing is changed
     */
    Mono<Boolean> giveBack(LeasedCall call, Instant dueAt, @Nullable String why);

    /**
     * Says how an attempt ended; error, result and log take the place of those of the attempt before. A call that is queued again has
     * no {@link CallRecord#completedAt}.
     *
     * @param call the call
     * @param end how
     * @return false when the call is not leased by this lease any more; then nothing is changed
     */
    Mono<Boolean> end(LeasedCall call, CallEnd end);

    /**
     * Calls a call off that waits. One whose lease has ended waits.
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
     * @param now the time, at which it is due; the call may be tried as often and as long again as it could at first, however often it
     *     was put back
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
     * Lists calls, the newest first, which are those with the highest ids.
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
     * What a function printed during the last attempt that ended.
     *
     * @param fnId the function
     * @param id the call
     * @return the bytes; none when no attempt has ended
     */
    Mono<byte[]> log(String fnId, String id);

    /**
     * When there is something to do next.
     *
     * @param except functions whose calls are of no interest
     * @return the time at which the first call is due or the first lease ends, which may be over; empty when there is none
     */
    Mono<Instant> nextDue(Set<String> except);

    /**
     * Forgets calls that have ended, dead letters among them, the longest ended first.
     *
     * @param before those that ended before this time
     * @param max calls at most
     * @return how many
     */
    Mono<Long> forget(Instant before, int max);

    /**
     * How many calls of a function have not ended.
     *
     * @param fnId the function
     * @param most what is not counted beyond
     * @return how many, {@code most} at most
     */
    Mono<Long> open(String fnId, int most);

    /**
     * How many calls are queued, running and dead, of all functions.
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
     * @param dead calls that have failed for good
     * @param oldest when the oldest queued call was created, or null
     */
    record Backlog(
            long queued, long running, long dead, @Nullable Instant oldest) {}
}
