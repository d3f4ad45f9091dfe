package io.headgate.function.r2dbc;

import io.headgate.function.async.CallEnd;
import io.headgate.function.async.CallResult;
import io.headgate.function.async.CallStore;
import io.headgate.function.async.LeaseRequest;
import io.headgate.function.async.LeasedCall;
import io.headgate.function.async.QueuedCall;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Page;
import io.r2dbc.spi.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps asynchronous calls in a {@link Database}. Processes that share a PostgreSQL share its calls: each is taken by one of them
 * alone, under a lock of its row, and nobody waits for the lock of another.
 *
 * <p>Times are kept in microseconds.
 *
 * <p><b>Threading and cancellation.</b> As {@link Database} says: any thread may call, and what has its connection is done whether or
 * not its subscriber stays. But calls are not taken for a taker that has left before they are: its transaction is rolled back. One who
 * leaves later has them until the lease ends.
 */
public final class R2dbcCallStore implements CallStore {

    private final Connections connections;
    private final Dialect dialect;
    private final CallSql sql;

    /** Random once, since random numbers may block. */
    private final UUID leases = UUID.randomUUID();

    private final AtomicLong lastLease = new AtomicLong();

    /**
     * A store in a database. Several may share one.
     *
     * @param database an open database; not closed by the store
     */
    public R2dbcCallStore(Database database) {
        this.connections = database.connections();
        this.dialect = database.dialect();
        this.sql = new CallSql(dialect);
    }

    @Override
    public Mono<Void> add(QueuedCall call) {
        return connections
                .repeat(connection -> sql.insert(connection, call))
                .onErrorResume(Sql::isTaken, error -> Mono.empty())
                .then();
    }

    @Override
    public Mono<List<LeasedCall>> lease(LeaseRequest request) {
        return connections.take(connection ->
                Taking.take(dialect, connection, request, leases + "/" + lastLease.incrementAndGet() + "/"));
    }

    @Override
    public Mono<Boolean> renew(LeasedCall call, Instant until) {
        return connections.run(connection -> sql.renew(connection, call, until)).map(count -> count > 0);
    }

    @Override
    public Mono<Boolean> giveBack(LeasedCall call, Instant dueAt, @Nullable String why) {
        return changed(connection -> sql.giveBack(connection, call, dueAt, why));
    }

    @Override
    public Mono<Boolean> end(LeasedCall call, CallEnd end) {
        return changed(connection -> sql.end(connection, call, end));
    }

    private Mono<Boolean> changed(Function<Connection, Mono<Long>> update) {
        return connections.change(update).map(count -> count > 0);
    }

    @Override
    public Mono<Boolean> cancel(String fnId, String id, Instant now) {
        return connections.change(connection -> sql.cancel(connection, fnId, id, now)
                .flatMap(count -> count > 0 ? Mono.just(true) : falseIfThere(connection, fnId, id)));
    }

    @Override
    public Mono<Boolean> revive(String fnId, String id, Instant now) {
        return connections.transact(connection -> sql.maxAgeOfDead(connection, fnId, id)
                .flatMap(maxAge -> sql.revive(connection, id, now, maxAge).thenReturn(true))
                .switchIfEmpty(Mono.defer(() -> falseIfThere(connection, fnId, id))));
    }

    private Mono<Boolean> falseIfThere(Connection connection, String fnId, String id) {
        return sql.call(connection, fnId, id)
                .switchIfEmpty(Mono.error(() -> missing(fnId, id)))
                .thenReturn(false);
    }

    @Override
    public Mono<CallRecord> call(String fnId, String id) {
        return connections
                .read(connection -> sql.call(connection, fnId, id))
                .switchIfEmpty(Mono.error(() -> missing(fnId, id)));
    }

    @Override
    public Mono<Page<CallRecord>> calls(Filter filter, @Nullable String after, int size) {
        return connections
                .read(connection -> sql.calls(connection, filter, after, size))
                .map(items -> new Page<>(
                        items, items.size() < size ? null : items.get(size - 1).id()));
    }

    @Override
    public Mono<CallResult> result(String fnId, String id) {
        return connections
                .read(connection -> sql.answer(connection, fnId, id))
                .switchIfEmpty(Mono.error(() -> missing(fnId, id)))
                .flatMap(answer -> Mono.justOrEmpty(answer.result()));
    }

    @Override
    public Mono<byte[]> log(String fnId, String id) {
        return connections
                .read(connection -> sql.log(connection, fnId, id))
                .switchIfEmpty(Mono.error(() -> missing(fnId, id)));
    }

    @Override
    public Mono<Instant> nextDue(Set<String> except) {
        return connections.read(connection -> sql.nextDue(connection, except));
    }

    @Override
    public Mono<Long> forget(Instant before, int max) {
        return connections.run(connection -> sql.forget(connection, before, max));
    }

    @Override
    public Mono<Long> open(String fnId, int most) {
        return connections.read(connection -> sql.open(connection, fnId, most));
    }

    @Override
    public Mono<Backlog> backlog() {
        return connections.read(sql::backlog);
    }

    private static FunctionException missing(String fnId, String id) {
        return new FunctionException(
                ErrorKind.NOT_FOUND, "call: " + id + " (expected: a recorded call of function " + fnId + ")");
    }
}
