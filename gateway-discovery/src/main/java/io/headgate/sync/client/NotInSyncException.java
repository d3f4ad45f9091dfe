package io.headgate.sync.client;

/** The source of a set is not there, so that what it has told may not be current. It is the same each time, and has no stack trace. */
final class NotInSyncException extends RuntimeException {

    static final NotInSyncException INSTANCE = new NotInSyncException();

    private static final long serialVersionUID = 1L;

    private NotInSyncException() {
        super("the set waits for its source", null, false, false);
    }
}
