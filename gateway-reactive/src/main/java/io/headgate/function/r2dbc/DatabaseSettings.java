package io.headgate.function.r2dbc;

import java.time.Duration;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * How a {@link Database} is opened and used. Immutable.
 *
 * <p>{@code toString} never has the password that the URL may have.
 */
public final class DatabaseSettings {

    /** Connections at most: a few suffice, since each is used for a statement or two and given back. */
    public static final int MAX_CONNECTIONS = 10;

    /** How long an operation waits for a connection when all are in use; then it fails with {@link DatabaseUnavailableException}. */
    public static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(10);

    /** How many operations may wait for a connection; one more fails at once. */
    public static final int MAX_WAITING = 1000;

    /** How long an operation may take on its connection. */
    public static final Duration OPERATION_TIMEOUT = Duration.ofSeconds(30);

    /** How often a database that does not answer is tried when it is opened. */
    public static final int PING_ATTEMPTS = 10;

    /** The time between two such attempts. */
    public static final Duration PING_PAUSE = Duration.ofSeconds(1);

    private final DatabaseUrl url;
    private final int maxConnections;
    private final Duration acquireTimeout;
    private final Duration operationTimeout;
    private final int pingAttempts;
    private final Duration pingPause;
    private final Scheduler timer;

    private DatabaseSettings(
            DatabaseUrl url,
            int maxConnections,
            Duration acquireTimeout,
            Duration operationTimeout,
            int pingAttempts,
            Duration pingPause,
            Scheduler timer) {
        this.url = url;
        this.maxConnections = maxConnections;
        this.acquireTimeout = acquireTimeout;
        this.operationTimeout = operationTimeout;
        this.pingAttempts = pingAttempts;
        this.pingPause = pingPause;
        this.timer = timer;
    }

    /**
     * The defaults for a database.
     *
     * @param url as {@link Database#open(String)} has it
     * @return the settings
     * @throws IllegalArgumentException when the URL is none of these; the message never has a password
     */
    public static DatabaseSettings of(String url) {
        return new DatabaseSettings(
                DatabaseUrl.parse(url),
                MAX_CONNECTIONS,
                ACQUIRE_TIMEOUT,
                OPERATION_TIMEOUT,
                PING_ATTEMPTS,
                PING_PAUSE,
                Schedulers.parallel());
    }

    /**
     * Sets how many connections there are at most.
     *
     * @param connections 1 or more; {@link #MAX_CONNECTIONS} by default. H2 has as many threads
     * @return new settings
     */
    public DatabaseSettings withMaxConnections(int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException("maxConnections: " + connections + " (expected: 1 or more)");
        }
        return new DatabaseSettings(url, connections, acquireTimeout, operationTimeout, pingAttempts, pingPause, timer);
    }

    /**
     * Sets how long an operation waits for a connection.
     *
     * @param timeout above zero; {@link #ACQUIRE_TIMEOUT} by default
     * @return new settings
     */
    public DatabaseSettings withAcquireTimeout(Duration timeout) {
        return new DatabaseSettings(
                url,
                maxConnections,
                aboveZero("acquireTimeout", timeout),
                operationTimeout,
                pingAttempts,
                pingPause,
                timer);
    }

    /**
     * Sets how long an operation may take on its connection. PostgreSQL ends the statement, and when the server is silent, the
     * connection is given up. H2 knows no such limit: its own, two seconds for a lock, ends what waits.
     *
     * @param timeout above zero; {@link #OPERATION_TIMEOUT} by default
     * @return new settings
     */
    public DatabaseSettings withOperationTimeout(Duration timeout) {
        return new DatabaseSettings(
                url,
                maxConnections,
                acquireTimeout,
                aboveZero("operationTimeout", timeout),
                pingAttempts,
                pingPause,
                timer);
    }

    /**
     * Sets how a database that does not answer is tried when it is opened.
     *
     * @param attempts 1 or more; {@link #PING_ATTEMPTS} by default
     * @param pause between two attempts, above zero; {@link #PING_PAUSE} by default
     * @return new settings
     */
    public DatabaseSettings withPing(int attempts, Duration pause) {
        if (attempts < 1) {
            throw new IllegalArgumentException("pingAttempts: " + attempts + " (expected: 1 or more)");
        }
        return new DatabaseSettings(
                url, maxConnections, acquireTimeout, operationTimeout, attempts, aboveZero("pingPause", pause), timer);
    }

    /**
     * Sets what the pauses between attempts and the limits of operations are timed with.
     *
     * @param scheduler {@code Schedulers.parallel()} by default
     * @return new settings
     */
    public DatabaseSettings withTimer(Scheduler scheduler) {
        return new DatabaseSettings(
                url, maxConnections, acquireTimeout, operationTimeout, pingAttempts, pingPause, scheduler);
    }

    private static Duration aboveZero(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: above zero)");
        }
        return value;
    }

    DatabaseUrl url() {
        return url;
    }

    int maxConnections() {
        return maxConnections;
    }

    Duration acquireTimeout() {
        return acquireTimeout;
    }

    Duration operationTimeout() {
        return operationTimeout;
    }

    int pingAttempts() {
        return pingAttempts;
    }

    Duration pingPause() {
        return pingPause;
    }

    Scheduler timer() {
        return timer;
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + url + ", maxConnections=" + maxConnections + "]";
    }
}
