package io.headgate.function.dispatch;

import java.time.Duration;

/**
 * Gives calls to instances: the engine that decides which instance a call gets, when one more is started and which is stopped.
 *
 * @param <I> what stands for an instance
 */
public final class Dispatcher<I> {

    private Dispatcher() {}

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
        return new Dispatcher<>();
    }

    /**
     * Asks for a slot.
     *
     * @param workload what to call
     * @param deadlineNanos until when the call may wait, on the clock of the timers; {@link Long#MAX_VALUE} for ever
     * @param waiter is told
     * @return the place in the queue
     */
    public Ticket acquire(Workload workload, long deadlineNanos, Waiter<I> waiter) {
        throw new UnsupportedOperationException();
    }

    /**
     * Keeps the least number of instances warm that the limits of a function ask for, from now on until the function gets another
     * configuration or is {@linkplain #forget forgotten}. The first call of a function does the same.
     *
     * @param workload the function
     */
    public void warm(Workload workload) {
        throw new UnsupportedOperationException();
    }

    /**
     * Keeps no instance of a function warm any more: it has been deleted. Calls that wait are served.
     *
     * @param fnId the function
     */
    public void forget(String fnId) {
        throw new UnsupportedOperationException();
    }

    /**
     * An instance has ended by itself. It gets no more calls, and is ordered stopped.
     *
     * @param instance the instance; nothing happens when the dispatcher does not have it
     * @param why for the log
     */
    public void ended(I instance, String why) {
        throw new UnsupportedOperationException();
    }

    /**
     * Tells how it is.
     *
     * @return the figures
     */
    public DispatchStats stats() {
        throw new UnsupportedOperationException();
    }

    /**
     * Closes it: calls that wait and new ones are refused with {@code BUSY}, launches are cancelled, idle instances stopped at once, busy
     * ones after their calls.
     *
     * @param grace how long calls may still run; then their instances are stopped too
     * @param done run when no instance is left; when that is so already, at once
     */
    public void close(Duration grace, Runnable done) {
        throw new UnsupportedOperationException();
    }
}
