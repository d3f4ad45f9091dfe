package io.headgate.function.driver.local;

/** The instance ended in the middle of a call. */
final class GoneException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    GoneException(String message) {
        super(message, null, false, false);
    }
}
