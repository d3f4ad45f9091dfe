package io.headgate.function.r2dbc;

import io.headgate.GatewayException;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcTimeoutException;
import io.r2dbc.spi.Wrapped;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;
import reactor.util.retry.Retry;

/**
 * Lends connections of the pool to operations, and takes every one of them back.
 *
 * <p>An operation that has its connection is never cancelled: it runs to its end, out of sight of a subscriber that has left, and gives
 * the connection back with nothing under way on it. So no cancel can leave a half-read answer or an open transaction behind, whatever
 * the driver makes of it. An operation without a connection yet is dropped when its subscriber leaves.
 *
 * <p>A connection that its pool knows to have ended is not lent. One that ends while it is lent leaves open what came of a change, and
 * says so.
 *
 * <p>H2 blocks its caller, so everything that touches it, also opening and closing, runs on the worker that is given here. With a file it
 * writes what was committed up to half a second later, too late for a process that is killed: so it is told to write before a change is
 * said to be done. Several that wait for that are written together.
 */
final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final int RETRIES = 3;
    private static final Duration FIRST_RETRY = Duration.ofMillis(5);
    private static final Duration FOREVER = Duration.ofMillis(-1);

    private final ConnectionPool pool;
    private final @Nullable Scheduler worker;
    private final boolean writesLate;
    private final DatabaseSettings settings;
    private final InFlight inFlight = new InFlight();
    private final int mostInFlight;

    Connections(ConnectionFactory factory, DatabaseSettings settings, @Nullable Scheduler worker) {
        ConnectionPoolConfiguration.Builder pool = ConnectionPoolConfiguration.builder(factory)
                .initialSize(0)
                .maxSize(settings.maxConnections())
                .maxAcquireTime(settings.acquireTimeout());
        if (worker != null) {
            // What evicts idle connections in the background would close them on a timer's thread.
            pool.allocatorSubscribeOn(worker).maxIdleTime(FOREVER).backgroundEvictionInterval(Duration.ZERO);
        }
        this.pool = new ConnectionPool(pool.build());
        this.worker = worker;
        this.writesLate = settings.url() instanceof DatabaseUrl.H2 h2 && !h2.memory();
        this.settings = settings;
        this.mostInFlight = settings.maxConnections() + DatabaseSettings.MAX_WAITING;
    }

    /** Runs statements that change nothing: when their connection is lost, once more on another one. */
    <T> Mono<T> read(Function<Connection, Mono<T>> work) {
        return detached(left -> twice(left, lend(left, work))
                .onErrorMap(Connections::isLost, DatabaseUnavailableException::lostReading));
    }

    /** Runs a change that is no other one when it is made twice: when its connection is lost, once more on another one. */
    <T> Mono<T> repeat(Function<Connection, Mono<T>> work) {
        return detached(left -> twice(left, lend(left, connection -> written(connection, work.apply(connection)))));
    }

    private static <T> Mono<T> twice(BooleanSupplier left, Mono<T> operation) {
        return operation.onErrorResume(error -> isLost(error) && !left.getAsBoolean(), lost -> operation);
    }

    /** Runs statements, each a transaction of its own. What they change may be lost when this process is killed. */
    <T> Mono<T> run(Function<Connection, Mono<T>> work) {
        return detached(left -> lend(left, work));
    }

    /** Runs statements, each a transaction of its own. What they change outlives this process when this has completed. */
    <T> Mono<T> change(Function<Connection, Mono<T>> work) {
        return detached(left -> lend(left, connection -> written(connection, work.apply(connection))));
    }

    /** Runs statements in one transaction, which is kept whether or not the subscriber stays, and outlives this process. */
    <T> Mono<T> transact(Function<Connection, Mono<T>> work) {
        return detached(left ->
                lend(left, connection -> written(connection, transaction(connection, () -> false, work))));
    }

    /** Runs statements in one transaction, which is rolled back when the subscriber has left before its end, and else outlives us. */
    <T> Mono<T> take(Function<Connection, Mono<T>> work) {
        return detached(left -> lend(left, connection -> written(connection, transaction(connection, left, work))));
    }

    private <T> Mono<T> written(Connection connection, Mono<T> change) {
        return writesLate
                ? change.materialize()
                        .delayUntil(end -> end.isOnError() ? Mono.empty() : Sql.update(connection, "CHECKPOINT"))
                        .dematerialize()
                : change;
    }

    /** What the pool says of itself. */
    PoolMetrics metrics() {
        return pool.getMetrics().orElseThrow();
    }

    /** Refuses what comes from now on, waits for what is under way, and closes all connections. */
    Mono<Void> close() {
        Mono<Void> idle = worker == null ? inFlight.close() : inFlight.close().publishOn(worker);
        return idle.then(Mono.defer(pool::disposeLater));
    }

    private <T> Mono<T> detached(Function<BooleanSupplier, Mono<T>> operation) {
        return Mono.create(sink -> {
            if (inFlight.count() >= mostInFlight) {
                sink.error(DatabaseUnavailableException.crowded(DatabaseSettings.MAX_WAITING));
                return;
            }
            if (!inFlight.enter()) {
                sink.error(new IllegalStateException("database: closed (expected: open)"));
                return;
            }
            AtomicBoolean left = new AtomicBoolean();
            sink.onCancel(() -> left.set(true));
            operation
                    .apply(left::get)
                    .retryWhen(Retry.backoff(RETRIES, FIRST_RETRY)
                            .scheduler(settings.timer())
                            .filter(error -> isConflict(error) && !left.get())
                            .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
                    .onErrorMap(Connections::isLost, DatabaseUnavailableException::lost)
                    .doFinally(end -> inFlight.leave())
                    .subscribe(
                            sink::success,
                            error -> fail(sink, left.get(), error),
                            sink::success,
                            Context.of(sink.contextView()));
        });
    }

    private static void fail(MonoSink<?> sink, boolean left, Throwable error) {
        if (left) {
            LOG.debug("An operation has failed whose subscriber had left", error);
        } else {
            sink.error(error);
        }
    }

    private <T> Mono<T> lend(BooleanSupplier left, Function<Connection, Mono<T>> work) {
        Mono<T> lent = Mono.usingWhen(
                acquire(),
                connection -> left.getAsBoolean() ? Mono.empty() : bounded(connection, work),
                Connection::close);
        return worker == null ? lent : lent.subscribeOn(worker);
    }

    /** The next in line would else get its connection inside the release of the one before, and run there. */
    private Mono<Connection> acquire() {
        Mono<Connection> acquired = pool.create().onErrorMap(this::unavailable);
        return worker == null ? acquired : acquired.publishOn(worker);
    }

    private DatabaseUnavailableException unavailable(Throwable error) {
        return error instanceof R2dbcTimeoutException
                ? DatabaseUnavailableException.exhausted(settings, error)
                : DatabaseUnavailableException.unreachable(error);
    }

    private <T> Mono<T> bounded(Connection connection, Function<Connection, Mono<T>> work) {
        Mono<T> done = Mono.defer(() -> work.apply(connection));
        if (worker != null) {
            return done;
        }
        Duration limit =
                settings.operationTimeout().plus(settings.operationTimeout().dividedBy(4));
        // The pool may not know yet, and would lend it again.
        Mono<T> known = done.doOnError(Connections::isLost, lost -> abandon(connection));
        return known.timeout(limit, settings.timer()).onErrorResume(TimeoutException.class, silent -> {
            // The server has not even ended the statement: what is still said on this connection is of no use.
            abandon(connection);
            return Mono.error(new R2dbcTimeoutException("database: no answer within " + limit));
        });
    }

    private static void abandon(Connection connection) {
        if (connection instanceof Wrapped<?> pooled && pooled.unwrap() instanceof Connection bare) {
            Mono.from(bare.close()).subscribe(done -> {}, error -> LOG.debug("A silent connection was closed", error));
        }
    }

    private static <T> Mono<T> transaction(
            Connection connection, BooleanSupplier left, Function<Connection, Mono<T>> work) {
        return Mono.usingWhen(
                Mono.from(connection.beginTransaction()).thenReturn(connection),
                work,
                it -> left.getAsBoolean() ? it.rollbackTransaction() : it.commitTransaction(),
                (it, error) -> Mono.from(it.rollbackTransaction())
                        .onErrorComplete(Connections::isLost), // undone by the server, and the error says more
                Connection::rollbackTransaction);
    }

    /** The connection has ended in the middle of something, or on the way to a commit, and nobody has said what came of it. */
    private static boolean isLost(Throwable error) {
        if (error instanceof GatewayException) {
            return false; // there was none
        }
        Throwable at = error;
        while (at != null && !isEndOfConnection(at)) {
            at = at.getCause();
        }
        return at != null;
    }

    private static boolean isEndOfConnection(Throwable error) {
        String state = error instanceof R2dbcException failure ? failure.getSqlState() : null;
        return state == null
                ? error instanceof R2dbcNonTransientResourceException || error instanceof IOException
                : state.startsWith("08")
                        || state.startsWith("57P"); // of the connection; the server or an operator ended it
    }

    /** Of two transactions in each other's way one was ended by the database, which has undone it: it may be done again. */
    private static boolean isConflict(Throwable error) {
        String state = error instanceof R2dbcException failure ? failure.getSqlState() : null;
        return state != null && (state.startsWith("40") || state.equals("HYT00"));
    }
}
