package io.headgate.mux.internal;

/** A connection with bytes that wait to be flushed at the end of the loop turn. */
public interface Flushable {

    void flushNow();
}
