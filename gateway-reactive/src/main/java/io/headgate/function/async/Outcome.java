package io.headgate.function.async;

import io.headgate.function.model.Fn;
import org.jspecify.annotations.Nullable;

/** What came of an attempt. */
sealed interface Outcome {

    /** The function answered. */
    record Answered(CallResult result) implements Outcome {}

    /**
     * It failed.
     *
     * @param why why
     * @param fn the function, or null when it was not found
     */
    record Failed(Throwable why, @Nullable Fn fn) implements Outcome {}

    /** It is not run any more. */
    record Over(String why) implements Outcome {}

    /** The attempt is none, through no fault of the call: the function could not be looked up, or this gateway cut its run. */
    record NotTried(String why) implements Outcome {}

    /** Somebody else may have the call. */
    record Lost(String why) implements Outcome {}

    /** This process ends. */
    record Stopped() implements Outcome {}
}
