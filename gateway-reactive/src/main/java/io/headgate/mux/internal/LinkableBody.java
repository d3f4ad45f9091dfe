package io.headgate.mux.internal;

import io.headgate.http.Body;

/**
 * A body that stands for another one and has no business with what passes: where the other one could be linked to a sink, it still is.
 */
public interface LinkableBody {

    /** The body that is stood for. */
    Body linked();

    /**
     * Makes the caller the one reader of the body.
     *
     * @return false when there was one before, or the body was discarded
     */
    boolean take();
}
