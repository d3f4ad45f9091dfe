package io.headgate.function.r2dbc;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Runs one statement on a connection. Values are those of {@code $1}, {@code $2} and so on; H2 takes no semicolon. */
final class Sql {

    private static final byte[] NOTHING = {};
    private static final String UNIQUE_VIOLATION = "23505";

    private Sql() {}

    /** A value that is null: drivers want to know of what type. */
    record Null(Class<?> type) {}

    static Object orNull(@Nullable Object value, Class<?> type) {
        return value == null ? new Null(type) : value;
    }

    /** Databases keep microseconds; one of them would round up. */
    static Instant time(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    /** The rows of a query, all of them. */
    static <T> Mono<List<T>> list(
            Connection connection, String sql, Function<? super Readable, T> row, Object... values) {
        return rows(connection, sql, row, values).collectList();
    }

    /** The only row of a query, empty when it has none. */
    static <T> Mono<T> one(Connection connection, String sql, Function<? super Readable, T> row, Object... values) {
        return rows(connection, sql, row, values).singleOrEmpty();
    }

    /** How many rows a statement has changed. */
    static Mono<Long> update(Connection connection, String sql, Object... values) {
        return Flux.from(bound(connection, sql, values).execute())
                .concatMap(Result::getRowsUpdated)
                .reduce(0L, Long::sum);
    }

    private static <T> Flux<T> rows(
            Connection connection, String sql, Function<? super Readable, T> row, Object... values) {
        return Flux.from(bound(connection, sql, values).execute()).concatMap(result -> result.map(row));
    }

    private static Statement bound(Connection connection, String sql, Object... values) {
        Statement statement = connection.createStatement(sql);
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Null none) {
                statement.bindNull(i, none.type());
            } else {
                statement.bind(i, values[i]);
            }
        }
        return statement;
    }

    static String text(Readable row, String column) {
        return Objects.requireNonNull(row.get(column, String.class), column);
    }

    static int number(Readable row, String column) {
        return Objects.requireNonNull(row.get(column, Integer.class), column);
    }

    static long count(Readable row, String column) {
        return Objects.requireNonNull(row.get(column, Long.class), column);
    }

    static Instant time(Readable row, String column) {
        return Objects.requireNonNull(row.get(column, Instant.class), column);
    }

    /** The bytes of a binary column, none when it is null. */
    static byte[] bytes(Readable row, String column) {
        ByteBuffer buffer = row.get(column, ByteBuffer.class);
        if (buffer == null) {
            return NOTHING;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** Tells whether a statement has failed because what it adds is there. */
    static boolean isTaken(Throwable error) {
        return error instanceof R2dbcException failure && UNIQUE_VIOLATION.equals(failure.getSqlState());
    }
}
