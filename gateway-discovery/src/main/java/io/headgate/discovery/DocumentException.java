package io.headgate.discovery;

/** A document of endpoints says something that makes no sense; the message names where, what, and what was expected. */
public final class DocumentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * A document that cannot be used.
     *
     * @param message where, what, and what was expected
     */
    public DocumentException(String message) {
        super(message);
    }
}
