package io.headgate.samples;

import java.util.function.Supplier;

/** The user asked for what cannot be; the message says so in one line. */
final class UserMistake extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UserMistake(String message) {
        super(message);
    }

    UserMistake(String message, Throwable cause) {
        super(message, cause);
    }

    /** Calls the library with values of the user; what it refuses is their mistake, and its message says which. */
    static <T> T ifRefused(Supplier<T> call) {
        try {
            return call.get();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UserMistake(String.valueOf(e.getMessage()), e);
        }
    }
}
