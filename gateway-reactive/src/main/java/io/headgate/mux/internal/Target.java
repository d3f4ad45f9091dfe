package io.headgate.mux.internal;

import io.headgate.mux.MuxSettings;
import org.jspecify.annotations.Nullable;

/** Where exchanges go: one endpoint or several, with a pool for each on each event loop. */
public interface Target {

    /**
     * The pool for an attempt.
     *
     * @param loop the event loop of the exchange, which is the current one
     * @param failed where the attempt before failed, or null; this one goes elsewhere when there is an elsewhere
     */
    Pool pool(Loop loop, @Nullable Pool failed);

    MuxSettings settings();

    default int maxAttempts() {
        return settings().maxAttempts();
    }
}
