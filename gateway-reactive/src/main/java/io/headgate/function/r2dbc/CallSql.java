package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Sql.orNull;
import static io.headgate.function.r2dbc.Sql.text;
import static io.headgate.function.r2dbc.Sql.time;

import io.headgate.function.async.CallEnd;
import io.headgate.function.async.CallResult;
import io.headgate.function.async.CallStore;
import io.headgate.function.async.LeasedCall;
import io.headgate.function.async.QueuedCall;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.http.Fields;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The statements about calls, but for the one that takes them: see {@link Taking}. */
final class CallSql {

    private static final String RECORD =
            "SELECT id, app_id, fn_id, trigger_id, status, attempts, created_at, due_at, started_at,"
                    + " completed_at, error FROM fn_calls";
    private static final String OF_FN = " WHERE id = $1 AND fn_id = $2";
    private static final String HELD = " WHERE id = $1 AND lease = $2 AND status = 'RUNNING'";

    private final Dialect dialect;

    CallSql(Dialect dialect) {
        this.dialect = dialect;
    }

    Mono<Long> insert(Connection connection, QueuedCall call) {
        return Sql.update(
                connection,
                "INSERT INTO fn_calls (id, app_id, fn_id, trigger_id, priority, status, attempts, created_at, due_at, expires_at,"
                        + " max_age_ms, rank_at, open_at, fields, payload)"
                        + " VALUES ($1, $2, $3, $4, $5, 'QUEUED', 0, $6, $7, $8, $9, $10, $7, $11, $12)",
                call.id(),
                call.appId(),
                call.fnId(),
                orNull(call.triggerId(), String.class),
                call.priority(),
                time(call.createdAt()),
                time(call.dueAt()),
                time(call.expiresAt()),
                Duration.between(call.createdAt(), call.expiresAt()).toMillis(),
                time(call.rank()),
                Json.of(call.fields()),
                dialect.bytes(call.payload()));
    }

    Mono<Long> renew(Connection connection, LeasedCall call, Instant until) {
        return Sql.update(
                connection,
                "UPDATE fn_calls SET open_at = $3" + HELD,
                call.call().id(),
                call.lease(),
                time(until));
    }

    Mono<Long> giveBack(Connection connection, LeasedCall call, Instant dueAt, @Nullable String why) {
        return Sql.update(
                connection,
                "UPDATE fn_calls SET status = 'QUEUED', lease = NULL, worker = NULL, due_at = $3, open_at = $3,"
                        + " attempts = attempts - 1, error = COALESCE($4, error)" + HELD,
                call.call().id(),
                call.lease(),
                time(dueAt),
                orNull(printable(why), String.class));
    }

    Mono<Long> end(Connection connection, LeasedCall call, CallEnd end) {
        boolean ended = end.status().isEnded();
        CallResult result = end.result();
        return Sql.update(
                connection,
                "UPDATE fn_calls SET status = $3, lease = NULL, worker = NULL, due_at = $4, open_at = $5, completed_at = $6,"
                        + " error = $7, result_status = $8, result_fields = $9, result_body = $10, log = $11" + HELD,
                call.call().id(),
                call.lease(),
                end.status().name(),
                time(end.dueAt()),
                orNull(ended ? null : time(end.dueAt()), Instant.class),
                orNull(ended ? time(end.at()) : null, Instant.class),
                orNull(printable(end.error()), String.class),
                orNull(result == null ? null : result.status(), Integer.class),
                orNull(result == null ? null : Json.of(result.fields()), String.class),
                orNull(result == null ? null : dialect.bytes(result.body()), byte[].class),
                dialect.bytes(end.log()));
    }

    Mono<Long> cancel(Connection connection, String fnId, String id, Instant now) {
        return Sql.update(
                connection,
                "UPDATE fn_calls SET status = 'CANCELLED', lease = NULL, worker = NULL, open_at = NULL, completed_at = $3"
                        + OF_FN + " AND (status = 'QUEUED' OR status = 'RUNNING' AND open_at <= $3)",
                id,
                fnId,
                time(now));
    }

    /** How long a dead letter may be tried; empty when the call is none. The row stays locked. */
    Mono<Duration> maxAgeOfDead(Connection connection, String fnId, String id) {
        return Sql.one(
                connection,
                "SELECT max_age_ms FROM fn_calls" + OF_FN + " AND status IN ('ERROR', 'TIMEOUT') FOR UPDATE",
                row -> Duration.ofMillis(Sql.count(row, "max_age_ms")),
                id,
                fnId);
    }

    Mono<Long> revive(Connection connection, String id, Instant now, Duration maxAge) {
        return Sql.update(
                connection,
                "UPDATE fn_calls SET status = 'QUEUED', attempts = 0, due_at = $2, open_at = $2, expires_at = $3,"
                        + " completed_at = NULL WHERE id = $1",
                id,
                time(now),
                time(now.plus(maxAge)));
    }

    Mono<CallRecord> call(Connection connection, String fnId, String id) {
        return Sql.one(connection, RECORD + OF_FN, CallSql::record, id, fnId);
    }

    Mono<List<CallRecord>> calls(Connection connection, CallStore.Filter filter, @Nullable String after, int size) {
        StringBuilder sql = new StringBuilder(RECORD);
        List<Object> values = new ArrayList<>();
        and(sql, values, "fn_id = ", filter.fnId());
        and(sql, values, "id < ", after);
        and(
                sql,
                values,
                "status = ",
                filter.status() == null ? null : filter.status().name());
        and(sql, values, "created_at >= ", filter.from());
        and(sql, values, "created_at < ", filter.to());
        values.add(size);
        sql.append(" ORDER BY fn_id, id DESC LIMIT $").append(values.size());
        return Sql.list(connection, sql.toString(), CallSql::record, values.toArray());
    }

    private static void and(StringBuilder sql, List<Object> values, String condition, @Nullable Object value) {
        if (value != null) {
            sql.append(values.isEmpty() ? " WHERE " : " AND ").append(condition);
            values.add(value);
            sql.append('$').append(values.size());
        }
    }

    /** What a function answered; a call without has a null in its place. */
    Mono<Answer> answer(Connection connection, String fnId, String id) {
        return Sql.one(
                connection,
                "SELECT result_status, result_fields, result_body FROM fn_calls" + OF_FN,
                CallSql::answer,
                id,
                fnId);
    }

    Mono<byte[]> log(Connection connection, String fnId, String id) {
        return Sql.one(connection, "SELECT log FROM fn_calls" + OF_FN, row -> Sql.bytes(row, "log"), id, fnId);
    }

    Mono<Instant> nextDue(Connection connection, Set<String> except) {
        return Sql.one(
                connection,
                "SELECT open_at FROM fn_calls WHERE open_at IS NOT NULL AND " + noneOf("$1")
                        + " ORDER BY open_at LIMIT 1",
                row -> time(row, "open_at"),
                (Object) except.toArray(String[]::new));
    }

    /** A condition: the function is none of these. */
    static String noneOf(String parameter) {
        return "NOT fn_id = ANY(CAST(" + parameter + " AS VARCHAR ARRAY))";
    }

    /** What a row says is looked at twice: one that is revived meanwhile is found before, and must not go when its lock is free. */
    Mono<Long> forget(Connection connection, Instant before, int max) {
        return Sql.update(
                connection,
                "DELETE FROM fn_calls WHERE completed_at < $1 AND id "
                        + dialect.among("SELECT id FROM fn_calls WHERE completed_at < $1"
                                + " ORDER BY completed_at, id LIMIT $2"),
                time(before),
                max);
    }

    Mono<Long> open(Connection connection, String fnId, int most) {
        return Sql.one(
                connection,
                "SELECT COUNT(*) AS calls FROM (SELECT open_at FROM fn_calls WHERE fn_id = $1"
                        + " AND open_at >= TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00' LIMIT $2) AS some_calls",
                row -> Sql.count(row, "calls"),
                fnId,
                most);
    }

    Mono<CallStore.Backlog> backlog(Connection connection) {
        return Sql.list(
                        connection,
                        "SELECT status, COUNT(*) AS calls, MIN(created_at) AS oldest FROM fn_calls"
                                + " WHERE status IN ('QUEUED', 'RUNNING', 'ERROR', 'TIMEOUT') GROUP BY status",
                        CallSql::share)
                .map(CallSql::backlog);
    }

    private static CallStore.Backlog backlog(List<Share> shares) {
        long queued = 0;
        long running = 0;
        long dead = 0;
        Instant oldest = null;
        for (Share share : shares) {
            switch (share.status()) {
                case QUEUED -> {
                    queued = share.calls();
                    oldest = share.oldest();
                }
                case RUNNING -> running = share.calls();
                default -> dead += share.calls();
            }
        }
        return new CallStore.Backlog(queued, running, dead, oldest);
    }

    private static Share share(Readable row) {
        return new Share(CallStatus.valueOf(text(row, "status")), Sql.count(row, "calls"), time(row, "oldest"));
    }

    private static CallRecord record(Readable row) {
        return new CallRecord(
                text(row, "id"),
                text(row, "app_id"),
                text(row, "fn_id"),
                row.get("trigger_id", String.class),
                CallStatus.valueOf(text(row, "status")),
                Sql.number(row, "attempts"),
                time(row, "created_at"),
                time(row, "due_at"),
                row.get("started_at", Instant.class),
                row.get("completed_at", Instant.class),
                row.get("error", String.class));
    }

    private static Answer answer(Readable row) {
        Integer status = row.get("result_status", Integer.class);
        if (status == null) {
            return new Answer(null);
        }
        Fields fields = Json.fields(text(row, "result_fields"));
        return new Answer(new CallResult(status, fields, Sql.bytes(row, "result_body")));
    }

    /** PostgreSQL has no text with a zero in it, and what a function says may have any. */
    private static @Nullable String printable(@Nullable String text) {
        return text == null ? null : text.replace('\0', '\uFFFD');
    }

    /** What is kept of an answer. */
    record Answer(@Nullable CallResult result) {}

    private record Share(CallStatus status, long calls, Instant oldest) {}
}
