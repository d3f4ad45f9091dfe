package io.headgate.mux.internal;

/** A connection to an upstream, as its pool sees it. For its event loop alone. */
public interface BackConnection {

    /** Whether another exchange can start now. */
    boolean hasCapacity();

    /** How many exchanges are on it. Other threads may ask, too: what they get may be a moment old. */
    int active();

    /** Whether it takes no more exchanges and closes with the last one: then it stands in nobody's way. */
    boolean isLeaving();

    /** Sends the head of an exchange; what follows goes to the stream that is returned. */
    BackStream start(BackExchange exchange);

    /** Whether the pool lists it as having room; kept here so that the pool need not search. */
    boolean isListed();

    void setListed(boolean listed);

    /** Closes it at once. */
    void close();
}
