package io.headgate.function.dispatch;

/**
 * How a slot was come by.
 *
 * @param cold whether the instance was started while the call waited, and this is its first call
 * @param waitedNanos how long the call waited; 0 when there was a slot at once
 */
public record Grant(boolean cold, long waitedNanos) {

    /** A slot of a warm instance, at once. */
    public static final Grant AT_ONCE = new Grant(false, 0);
}
