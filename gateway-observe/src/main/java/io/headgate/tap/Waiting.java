package io.headgate.tap;

import org.jspecify.annotations.Nullable;

/** What waits to be told to an observer. The event is made when its turn comes, on the thread that delivers it. */
abstract class Waiting {

    /** How long it is, beside what each event takes. */
    final int bytes;

    Waiting(int bytes) {
        this.bytes = bytes;
    }

    /** The event, or null when it is of no interest any more. Called once, one of an observation at a time, and in order. */
    abstract @Nullable TapEvent event();
}
