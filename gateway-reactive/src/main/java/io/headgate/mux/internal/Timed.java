package io.headgate.mux.internal;

/** Something that looks at its timeouts once per tick, on its event loop. */
public interface Timed {

    /**
     * Looks at the timeouts.
     *
     * @param now the time of this tick; what {@link Ticker#now} says until the next one
     */
    void tick(long now);
}
