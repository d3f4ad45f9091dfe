package io.headgate.mux.internal;

/** A connection of a client, as its listener sees it when it wants to end it. For its event loop alone. */
public interface FrontConnection {

    /** How many exchanges are on it. */
    int active();

    /** Asks the client to take its next exchanges elsewhere; what comes all the same is served. Called once. */
    void drain();

    /** Ends it and what is on it: an exchange without a reply gets one that says so. Called once, after {@link #drain}. */
    void end();
}
