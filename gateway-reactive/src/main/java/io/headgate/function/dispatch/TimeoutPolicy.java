package io.headgate.function.dispatch;

/**
 * What the timeout of a function bounds. Times are on the clock of {@link System#nanoTime}; a caller's deadline of
 * {@link Long#MAX_VALUE} is none. No policy lets a call go on past its caller's deadline.
 */
public enum TimeoutPolicy {

    /**
     * The run alone: a call may wait as long as its caller does, and then run for the whole timeout. The default; the Fn server since June
     * 2018.
     */
    RUN {
        @Override
        public long slotDeadline(long created, long timeout, long caller) {
            return caller;
        }

        @Override
        public long runDeadline(long created, long started, long timeout, long caller) {
            return earlier(started + timeout, caller);
        }
    },

    /**
     * Waiting and running together, and a call waits for half of it at most. The Fn server from January 2018.
     */
    HALF_FOR_WAITING {
        @Override
        public long slotDeadline(long created, long timeout, long caller) {
            return earlier(created + timeout / 2, caller);
        }

        @Override
        public long runDeadline(long created, long started, long timeout, long caller) {
            return earlier(created + timeout, caller);
        }
    },

    /**
     * Waiting and running together; a call waits to the end, but is not started when more than half of the time is over. The Fn server at
     * first.
     */
    WHOLE_CALL {
        @Override
        public long slotDeadline(long created, long timeout, long caller) {
            return earlier(created + timeout, caller);
        }

        @Override
        public long runDeadline(long created, long started, long timeout, long caller) {
            return earlier(created + timeout, caller);
        }

        @Override
        public boolean mayStart(long created, long now, long timeout) {
            return now - created <= timeout / 2;
        }
    };

    /**
     * Until when a call may wait for a slot.
     *
     * @param created when the call was accepted
     * @param timeout that of the function, in nanoseconds
     * @param caller the caller's deadline
     * @return the deadline to give to {@link Dispatcher#acquire}
     */
    public abstract long slotDeadline(long created, long timeout, long caller);

    /**
     * Until when a call that starts now may run.
     *
     * @param created when the call was accepted
     * @param started when it starts
     * @param timeout that of the function, in nanoseconds
     * @param caller the caller's deadline
     * @return the deadline of the run
     */
    public abstract long runDeadline(long created, long started, long timeout, long caller);

    /**
     * Tells whether a call that has a slot may start.
     *
     * @param created when the call was accepted
     * @param now the time
     * @param timeout that of the function, in nanoseconds
     * @return false when it came too late: the slot is given back, and the call refused
     */
    public boolean mayStart(long created, long now, long timeout) {
        return true;
    }

    private static long earlier(long a, long b) {
        if (b == Long.MAX_VALUE) {
            return a;
        }
        return a - b <= 0 ? a : b;
    }
}
