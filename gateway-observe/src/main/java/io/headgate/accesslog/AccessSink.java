package io.headgate.accesslog;

import java.io.IOException;

/**
 * Takes the lines of an access log.
 *
 * <p><b>Threading.</b> Lines come one after the other, from one thread at a time that may block. Only {@link #isOn} is asked on event
 * loops.
 */
@FunctionalInterface
public interface AccessSink {

    /** The logger that lines go to unless something else is said: {@value}. */
    String LOGGER = "io.headgate.access";

    /**
     * Takes a line.
     *
     * @param line without its end, and without control characters; not valid after the call
     * @throws IOException when it cannot be written; that is logged once, and the line is lost and counted
     */
    void write(CharSequence line) throws IOException;

    /**
     * Lets lines go that were kept to be written together. Called when no more of them wait.
     *
     * @throws IOException when they cannot be written
     */
    default void flush() throws IOException {}

    /**
     * Tells whether lines are wanted at all. Called on event loops for each exchange; must not block.
     *
     * @return false to save the work
     */
    default boolean isOn() {
        return true;
    }

    /**
     * The logger {@value #LOGGER}, at level INFO.
     *
     * @return the sink; it is off while the level of the logger is
     */
    static AccessSink logger() {
        return logger(LOGGER);
    }

    /**
     * A logger, at level INFO. Its pattern should be the message alone.
     *
     * @param name of the logger
     * @return the sink; it is off while the level of the logger is
     */
    static AccessSink logger(String name) {
        return LoggerSink.of(name);
    }

    /**
     * A {@link java.io.Writer}, or anything else that characters are appended to. It is flushed if it is {@link java.io.Flushable}, and
     * never closed. A {@link java.io.PrintWriter} swallows its failures, so they are not counted.
     *
     * @param out takes lines, each ended by a line feed
     * @return the sink
     */
    static AccessSink to(Appendable out) {
        return new AppendableSink(out);
    }
}
