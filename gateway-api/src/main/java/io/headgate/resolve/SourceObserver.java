package io.headgate.resolve;

/**
 * Is told whether what a source of state says is current, name by name: so that the age of the last known state can be shown
 * while the source is away.
 *
 * <p><b>Threading.</b> Calls about one name come one after another, on the threads of the source, and must not block.
 */
public interface SourceObserver {

    /** Is not interested. */
    SourceObserver NONE = new SourceObserver() {};

    /**
     * The source has told the state of a name, or has confirmed it.
     *
     * @param name the name
     */
    default void current(String name) {}

    /**
     * The source cannot be asked now, or told what makes no sense; the last known state stays in force and the source is asked
     * again.
     *
     * @param name the name
     * @param cause why
     */
    default void away(String name, Throwable cause) {}

    /**
     * Nobody wants to know about a name any more.
     *
     * @param name the name
     */
    default void left(String name) {}
}
