package io.headgate.function.dispatch;

/**
 * How far an instance is. It goes forward only, over as many states as it likes, except that a paused one may become idle, and a busy one
 * idle or paused.
 */
public enum InstanceState {
    /** There is nothing yet. */
    NONE,
    /** It waits for memory and CPU. */
    WAIT,
    /** It is being started. */
    START,
    /** It is ready and has no call. */
    IDLE,
    /** It has no call and is frozen. */
    PAUSED,
    /** It has a call at least. */
    BUSY,
    /** It gets no more calls; it has ended, or is about to. */
    DONE;

    /**
     * Tells whether an instance may go from this state to another one.
     *
     * @param next the other state
     * @return true when it may
     */
    public boolean mayBecome(InstanceState next) {
        return switch (this) {
            case PAUSED -> next == IDLE || next.compareTo(this) > 0;
            case BUSY -> next == IDLE || next == PAUSED || next == DONE;
            default -> next.compareTo(this) > 0;
        };
    }
}
