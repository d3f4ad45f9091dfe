package io.headgate.mux.internal;

import io.headgate.mux.MuxSettings;

/** Where exchanges go: one endpoint or several, with a pool for each on each event loop. */
public interface Target {

    /**
     * The pool for an attempt.
     *
     * @param loop the event loop of the exchange, which is the current one
     * @param attempt 0 for the first; later ones go elsewhere when there is an elsewhere
     */
    Pool pool(Loop loop, int attempt);

    MuxSettings settings();

    default int maxAttempts() {
        return settings().maxAttempts();
    }
}
