package io.headgate.function.r2dbc;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.R2dbcException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * A database with the tables of functions and calls, open and up to date. {@link R2dbcFunctionStore} and {@link R2dbcCallStore} keep
 * what they keep in one.
 *
 * <p>One URL says which:
 *
 * <ul>
 *   <li>{@code h2:mem:NAME}: H2 in the memory of this process. Who opens the same name has the same database, and it is gone when the
 *       last of them has closed it. Without a name nobody else has it.
 *   <li>{@code h2:file:PATH}: H2 in the file {@code PATH.mv.db}, for one process at a time.
 *   <li>{@code postgresql://USER:PASSWORD@HOST:PORT/DATABASE}: a PostgreSQL server, that several processes may share. Reserved
 *       characters of user and password are percent-encoded. Parameters are {@code sslMode}, {@code sslRootCert}, {@code sslCert},
 *       {@code sslKey}, {@code schema} and {@code applicationName}, as in {@code ?sslMode=verify-full}.
 * </ul>
 *
 * <p>No message, log line or {@code toString} has the password.
 *
 * <p><b>Threading.</b> Any thread may call. H2 works on the thread of its caller and blocks it, so it gets threads of its own, as many
 * as there are connections, and signals come on them. PostgreSQL is spoken to without blocking, and signals come on its event loops.
 *
 * <p><b>Errors.</b> What gets no connection, or loses the one that it has, fails with {@link DatabaseUnavailableException}, reads after a second
 * try; all else fails as the driver says.
 *
 * <p><b>Cancellation.</b> What has not got a connection yet does not happen. What has got one runs to its end and gives it back.
 */
public final class Database {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int WORKER_IDLE_SECONDS = 60;

    private final DatabaseUrl url;
    private final Connections connections;
    private final Dialect dialect;
    private final @Nullable Scheduler worker;
    private final @Nullable Connection anchor;
    private final Mono<Void> closed;

    private Database(
            DatabaseUrl url,
            Connections connections,
            Dialect dialect,
            @Nullable Scheduler worker,
            @Nullable Connection anchor) {
        this.url = url;
        this.connections = connections;
        this.dialect = dialect;
        this.worker = worker;
        this.anchor = anchor;
        this.closed = Mono.defer(this::closing).cache();
    }

    /**
     * Opens a database with the default settings.
     *
     * @param url which
     * @return the database; an error when it cannot be reached or brought up to date. Cancelling gives up what was opened
     * @throws IllegalArgumentException when the URL is none of the above
     */
    public static Mono<Database> open(String url) {
        return open(DatabaseSettings.of(url));
    }

    /**
     * Opens a database: waits until it answers, and brings its tables up to date. A database that does not answer is tried again, by
     * default ten times in ten seconds; one that refuses the user, or that does not exist, is not.
     *
     * @param settings which and how
     * @return the database; an error when it cannot be reached or brought up to date. Cancelling gives up what was opened
     */
    public static Mono<Database> open(DatabaseSettings settings) {
        return Mono.create(sink -> {
            AtomicBoolean left = new AtomicBoolean();
            sink.onCancel(() -> left.set(true));
            opened(settings, left::get)
                    .subscribe(
                            database -> {
                                if (left.get()) {
                                    database.close().subscribe();
                                } else {
                                    sink.success(database);
                                }
                            },
                            error -> {
                                if (!left.get()) {
                                    sink.error(error);
                                }
                            });
        });
    }

    private static Mono<Database> opened(DatabaseSettings settings, BooleanSupplier left) {
        return Mono.defer(() -> {
            ConnectionFactory factory = Drivers.factory(settings);
            if (settings.url() instanceof DatabaseUrl.H2) {
                return embedded(factory, settings, left);
            }
            Scheduler blocking = Schedulers.boundedElastic();
            return Mono.usingWhen(
                            firstConnection(factory, settings, Schedulers.immediate(), left),
                            first -> Migrations.runAlone(settings.url(), first, blocking),
                            Connection::close)
                    .then(Mono.fromSupplier(() -> new Database(
                            settings.url(), new Connections(factory, settings, null), Dialect.POSTGRESQL, null, null)));
        });
    }

    /** A database in memory is gone with its last connection, so one stays open beside the pool. */
    private static Mono<Database> embedded(ConnectionFactory factory, DatabaseSettings settings, BooleanSupplier left) {
        Scheduler worker = Schedulers.newBoundedElastic(
                settings.maxConnections(), Integer.MAX_VALUE, "headgate-h2", WORKER_IDLE_SECONDS, true);
        return firstConnection(factory, settings, worker, left)
                .flatMap(anchor -> Migrations.run(settings.url(), worker)
                        .then(Mono.fromSupplier(() -> new Database(
                                settings.url(),
                                new Connections(factory, settings, worker),
                                Dialect.H2,
                                worker,
                                anchor)))
                        .onErrorResume(error ->
                                Mono.from(anchor.close()).subscribeOn(worker).then(Mono.error(error))))
                .doOnError(error -> worker.dispose());
    }

    private static Mono<Connection> firstConnection(
            ConnectionFactory factory, DatabaseSettings settings, Scheduler opener, BooleanSupplier left) {
        int attempts = settings.pingAttempts();
        AtomicInteger attempt = new AtomicInteger();
        return Mono.<Connection>from(factory.create())
                .subscribeOn(opener)
                .doOnError(error -> LOG.warn(
                        "{} does not answer, attempt {} of {}: {}",
                        settings.url(),
                        attempt.incrementAndGet(),
                        attempts,
                        error.getMessage()))
                .retryWhen(Retry.fixedDelay(attempts - 1L, settings.pingPause())
                        .scheduler(settings.timer())
                        .filter(error -> !isFinal(error) && !left.getAsBoolean())
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
                .onErrorMap(error -> new IllegalStateException(
                        settings.url() + ": no connection after " + attempt + " of " + attempts + " attempts: "
                                + error.getMessage(),
                        error));
    }

    /** The database has answered: this user may not, or there is no database of this name. */
    private static boolean isFinal(Throwable error) {
        String state = error instanceof R2dbcException failure ? failure.getSqlState() : null;
        return state != null && (state.startsWith("28") || state.startsWith("3D"));
    }

    /**
     * Asks the database for an answer.
     *
     * @return completes when it came; an error when it did not
     */
    public Mono<Void> ping() {
        return connections.read(connection -> Sql.update(connection, "SELECT 1").then());
    }

    /**
     * Refuses all that comes from now on, waits for what is under way, and closes all connections. Stores do not close their
     * database. May be called again.
     *
     * @return completes when all is closed
     */
    public Mono<Void> close() {
        return closed;
    }

    private Mono<Void> closing() {
        Mono<Void> pool = connections.close();
        if (worker == null || anchor == null) {
            return pool;
        }
        return pool.then(Mono.from(anchor.close()).subscribeOn(worker)).doFinally(end -> worker.dispose());
    }

    Connections connections() {
        return connections;
    }

    Dialect dialect() {
        return dialect;
    }

    @Override
    public String toString() {
        return url.toString();
    }
}
