package io.headgate.resolve;

/** A stream that should have had no end has ended. */
public final class LostStreamException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * The stream of a name ended.
     *
     * @param name the name
     */
    public LostStreamException(String name) {
        super("stream of " + name + ": ended (expected: updates without end)");
    }
}
