package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Sql.text;
import static io.headgate.function.r2dbc.Sql.time;

import io.headgate.function.async.LeaseRequest;
import io.headgate.function.async.LeasedCall;
import io.headgate.function.async.QueuedCall;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Takes calls that are due, in a transaction: rows that another taker has locked are passed over, not waited for, and what was taken
 * in a transaction that does not end well is as it was.
 */
final class Taking {

    private static final String COLUMNS =
            "c.id, c.app_id, c.fn_id, c.trigger_id, c.priority, c.attempts, c.created_at, c.due_at,"
                    + " c.expires_at, c.lease, c.fields, c.payload";
    private static final Comparator<LeasedCall> BY_RANK = Comparator.comparing(
                    (LeasedCall leased) -> leased.call().rank())
            .thenComparing(leased -> leased.call().id());
    private static final String AMONG = "id = ANY(CAST($1 AS VARCHAR ARRAY))";
    private static final int WINDOWS = 8;

    private Taking() {}

    static Mono<List<LeasedCall>> take(Dialect dialect, Connection connection, LeaseRequest request, String token) {
        return dialect == Dialect.POSTGRESQL ? inOne(connection, request, token) : inSteps(connection, request, token);
    }

    /** PostgreSQL sorts, locks row by row until it has enough, changes and answers. */
    private static Mono<List<LeasedCall>> inOne(Connection connection, LeaseRequest request, String token) {
        return Sql.list(
                        connection,
                        "WITH due AS MATERIALIZED (SELECT id FROM fn_calls WHERE open_at <= $1 AND "
                                + CallSql.noneOf("$2")
                                + " ORDER BY rank_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)"
                                + " UPDATE fn_calls AS c SET status = 'RUNNING', lease = $4 || c.id, worker = $5,"
                                + " started_at = $1, open_at = $6, attempts = attempts + 1"
                                + " WHERE c.id = ANY(ARRAY(SELECT id FROM due))" // a join may read the whole table
                                + " RETURNING " + COLUMNS,
                        row -> leased(row, request.until()),
                        time(request.now()),
                        array(request.except()),
                        request.max(),
                        token,
                        request.worker(),
                        time(request.until()))
                .map(calls -> calls.stream().sorted(BY_RANK).toList());
    }

    /**
     * H2 locks all rows that it sorts, and with them the whole queue. So ids are read first, without locks, and then those rows are
     * locked that nobody else has, window by window until there are enough.
     */
    private static Mono<List<LeasedCall>> inSteps(Connection connection, LeaseRequest request, String token) {
        return lock(connection, request, 0, Set.of())
                .flatMap(ids -> ids.isEmpty()
                        ? Mono.just(List.of())
                        : change(connection, request, token, ids)
                                .then(Mono.defer(() -> read(connection, request, ids))));
    }

    private static Mono<Set<String>> lock(Connection connection, LeaseRequest request, int window, Set<String> before) {
        return candidates(connection, request, window)
                .flatMap(ids -> locked(connection, request, ids, request.max() - before.size())
                        .flatMap(mine -> {
                            Set<String> all = new LinkedHashSet<>(before);
                            all.addAll(mine);
                            boolean isEnough =
                                    all.size() >= request.max() || ids.size() < request.max() || window + 1 == WINDOWS;
                            return isEnough ? Mono.just(all) : lock(connection, request, window + 1, all);
                        }));
    }

    private static Mono<List<String>> candidates(Connection connection, LeaseRequest request, int window) {
        return Sql.list(
                connection,
                "SELECT id FROM fn_calls USE INDEX (fn_calls_due)"
                        + " WHERE open_rank >= TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00' AND open_at <= $1 AND "
                        + CallSql.noneOf("$2") + " ORDER BY open_rank, id LIMIT $3 OFFSET $4",
                row -> Sql.text(row, "id"),
                time(request.now()),
                array(request.except()),
                request.max(),
                window * request.max());
    }

    /** Those that are still due: somebody may have taken one since it was read. */
    private static Mono<List<String>> locked(
            Connection connection, LeaseRequest request, List<String> ids, int wanted) {
        return ids.isEmpty()
                ? Mono.just(ids)
                : Sql.list(
                        connection,
                        "SELECT id FROM fn_calls WHERE " + AMONG + " AND open_at <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED",
                        row -> Sql.text(row, "id"),
                        array(ids),
                        time(request.now()),
                        wanted);
    }

    private static Mono<Long> change(
            Connection connection, LeaseRequest request, String token, Collection<String> ids) {
        return Sql.update(
                connection,
                "UPDATE fn_calls SET status = 'RUNNING', lease = $2 || id, worker = $3, started_at = $4, open_at = $5,"
                        + " attempts = attempts + 1 WHERE " + AMONG,
                array(ids),
                token,
                request.worker(),
                time(request.now()),
                time(request.until()));
    }

    private static Mono<List<LeasedCall>> read(Connection connection, LeaseRequest request, Collection<String> ids) {
        return Sql.list(
                connection,
                "SELECT " + COLUMNS + " FROM fn_calls AS c WHERE " + AMONG + " ORDER BY rank_at, id",
                row -> leased(row, request.until()),
                (Object) array(ids));
    }

    private static String[] array(Collection<String> texts) {
        return texts.toArray(String[]::new);
    }

    private static LeasedCall leased(Readable row, Instant until) {
        QueuedCall call = new QueuedCall(
                text(row, "id"),
                text(row, "app_id"),
                text(row, "fn_id"),
                row.get("trigger_id", String.class),
                Sql.number(row, "priority"),
                Json.fields(text(row, "fields")),
                Sql.bytes(row, "payload"),
                time(row, "created_at"),
                time(row, "due_at"),
                time(row, "expires_at"));
        return new LeasedCall(call, text(row, "lease"), Sql.number(row, "attempts"), until);
    }
}
