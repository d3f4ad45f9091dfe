package io.headgate.samples.bench;

/** What the sender of a download does to have a frame. */
public enum Source {
    /** Nothing: the same bytes again, so that only sending is measured. */
    NOOP,
    /** Writes zeros over the whole frame, as reading /dev/zero would. */
    ZERO
}
