package io.headgate.function.dispatch;

import java.time.Duration;
import java.util.Objects;

/**
 * Gives calls to instances: the engine that decides which instance a call gets, when one more is started and which is stopped.
 *
 * <p>Calls of one configuration share a queue. A free slot is taken by compare-and-set, the one used last first; without one a call
 * waits, first come, first served. Instances take memory and CPU of a budget from their launch until they are gone; launches that do
 * not fit wait, and idle instances of others make room for them. The rules are on the page {@code function-dispatch.md}.
 *
 * <p><b>Threading.</b> Any thread may call, and nothing blocks. Waiters and the crew are told on the thread that made it possible, never with a
 * lock held. A call that finds a free slot takes no lock and allocates its ticket only.
 *
 * @param <I> what stands for an instance
 */
public final class Dispatcher<I> {

    private final Foreman<I> foreman;

    private Dispatcher(Foreman<I> foreman) {
        this.foreman = foreman;
    }

    /**
     * A dispatcher.
     *
     * @param settings how it works
     * @param crew does what it orders
     * @param timers tell the time
     * @param observer is told what it does
     * @param <I> what stands for an instance
     * @return the dispatcher, without instances
     */
    public static <I> Dispatcher<I> create(
            DispatchSettings settings, Crew<I> crew, Timers timers, DispatchObserver observer) {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(crew, "crew");
        Objects.requireNonNull(timers, "timers");
        return new Dispatcher<>(new Foreman<>(settings, crew, timers, GuardedObserver.of(observer)));
    }

    /**
     * Asks for a slot. The waiter may be told before this returns.
     *
     * @param workload what to call
     * @param deadlineNanos until when the call may wait, on the clock of the timers; {@link Long#MAX_VALUE} for ever
     * @param waiter is told
     * @return the place in the queue
     */
    public Ticket acquire(Workload workload, long deadlineNanos, Waiter<I> waiter) {
        Lease<I> lease = new Lease<>(Objects.requireNonNull(waiter, "waiter"));
        lease.deadline = deadlineNanos;
        if (deadlineNanos != Long.MAX_VALUE && deadlineNanos - foreman.timers.nanoTime() <= 0) {
            lease.refuse(workload, foreman.observer, Refusals.late(workload));
            return lease;
        }
        SlotQueue<I> queue = foreman.queue(workload.key());
        while (queue == null || !queue.admit(lease)) {
            queue = foreman.open(workload);
            if (queue == null) {
                lease.refuse(workload, foreman.observer, Refusals.impossible(workload, foreman.settings.budget()));
                return lease;
            }
        }
        return lease;
    }

    /**
     * Keeps the least number of instances warm that the limits of a function ask for, from now on until the function gets another
     * configuration or is {@linkplain #forget forgotten}. The first call of a function does the same.
     *
     * @param workload the function
     */
    public void warm(Workload workload) {
        foreman.open(workload);
    }

    /**
     * Keeps no instance of a function warm any more: it has been deleted. Calls that wait are served.
     *
     * @param fnId the function
     */
    public void forget(String fnId) {
        foreman.forget(fnId);
    }

    /**
     * An instance has ended by itself, after it was ready. It gets no more calls, and is ordered stopped. The calls that it had are still to
     * give their slots back.
     *
     * @param instance the instance; nothing happens when the dispatcher does not have it
     * @param why for the log
     */
    public void ended(I instance, String why) {
        foreman.ended(instance, why);
    }

    /**
     * Tells how it is.
     *
     * @return the figures
     */
    public DispatchStats stats() {
        return foreman.stats();
    }

    /**
     * Closes it: calls that wait and new ones are refused with {@code BUSY}, launches are cancelled, idle instances stopped at once, busy
     * ones after their calls.
     *
     * @param grace how long calls may still run; then their instances are stopped too
     * @param done run when no instance is left; when that is so already, at once
     */
    public void close(Duration grace, Runnable done) {
        foreman.close(grace, done);
    }
}
