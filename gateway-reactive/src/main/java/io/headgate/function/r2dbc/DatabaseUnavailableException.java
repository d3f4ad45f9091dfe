package io.headgate.function.r2dbc;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Map;
import java.util.Set;

/**
 * An operation got no connection to the database, so nothing of it has happened; or its connection was lost in the middle, and whether
 * a change was made is not known. 503; when it is not {@linkplain Trait#RETRYABLE retryable}, it was a change. The message is for clients and
 * names no server; the cause does.
 */
public final class DatabaseUnavailableException extends GatewayException {

    private static final long serialVersionUID = 1L;
    private static final Set<Trait> OVERLOAD = Set.of(Trait.REJECTED, Trait.RETRYABLE);
    private static final Set<Trait> OUTAGE = Set.of(Trait.RETRYABLE);

    private DatabaseUnavailableException(Set<Trait> traits, String message, Throwable cause) {
        super(503, traits, message, cause, false);
    }

    private DatabaseUnavailableException(String message) {
        super(503, OVERLOAD, message, null, false);
    }

    /** All connections are in use, for too long. */
    static DatabaseUnavailableException exhausted(DatabaseSettings settings, Throwable cause) {
        return new DatabaseUnavailableException(
                OVERLOAD,
                "database: no connection was free (expected: one of " + settings.maxConnections() + " within "
                        + settings.acquireTimeout() + ")",
                cause);
    }

    /** Too many wait already. */
    static DatabaseUnavailableException crowded(int most) {
        return new DatabaseUnavailableException(
                "database: too many operations wait for a connection (expected: at most " + most + ")");
    }

    /** There is no connection to be had. */
    static DatabaseUnavailableException unreachable(Throwable cause) {
        return new DatabaseUnavailableException(OUTAGE, "database: no connection (expected: one that answers)", cause);
    }

    /** The connection has ended under a read, and so has the next one. */
    static DatabaseUnavailableException lostReading(Throwable cause) {
        return new DatabaseUnavailableException(
                OUTAGE, "database: the connection was lost (expected: one that answers)", cause);
    }

    /** The connection has ended under what may have been a change. */
    static DatabaseUnavailableException lost(Throwable cause) {
        return new DatabaseUnavailableException(
                Set.of(),
                "database: the connection was lost before the answer (whether anything was changed is not known)",
                cause);
    }

    @Override
    public Map<String, String> replyFields() {
        return Map.of("retry-after", "5"); // a restart takes as long
    }
}
