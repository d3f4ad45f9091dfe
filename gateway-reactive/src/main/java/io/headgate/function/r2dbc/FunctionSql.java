package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Sql.orNull;
import static io.headgate.function.r2dbc.Sql.text;
import static io.headgate.function.r2dbc.Sql.time;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.PageRequest;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The statements about applications, functions and triggers. */
final class FunctionSql {

    private static final String APPS =
            "SELECT id, name, config, annotations, syslog_url, created_at, updated_at FROM fn_apps";
    private static final String FNS =
            "SELECT id, app_id, name, image, memory_mb, timeout_seconds, idle_timeout_seconds, config,"
                    + " annotations, created_at, updated_at FROM fn_functions";
    private static final String TRIGGERS =
            "SELECT id, app_id, fn_id, name, type, source, annotations, created_at, updated_at FROM fn_triggers";
    private static final String BY_ID = " WHERE id = $1";
    private static final String LOCKED = " FOR UPDATE";

    private final Dialect dialect;

    FunctionSql(Dialect dialect) {
        this.dialect = dialect;
    }

    // applications

    Mono<Long> insert(Connection connection, App app) {
        return Sql.update(
                connection,
                "INSERT INTO fn_apps (id, name, config, annotations, syslog_url, created_at, updated_at)"
                        + " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                app.id(),
                app.name(),
                Json.of(app.config()),
                Json.of(app.annotations().values()),
                orNull(app.syslogUrl(), String.class),
                app.createdAt(),
                app.updatedAt());
    }

    Mono<Long> update(Connection connection, App app) {
        return Sql.update(
                connection,
                "UPDATE fn_apps SET config = $2, annotations = $3, syslog_url = $4, updated_at = $5" + BY_ID,
                app.id(),
                Json.of(app.config()),
                Json.of(app.annotations().values()),
                orNull(app.syslogUrl(), String.class),
                app.updatedAt());
    }

    Mono<App> app(Connection connection, String id) {
        return Sql.one(connection, APPS + BY_ID, FunctionSql::app, id);
    }

    Mono<App> lockedApp(Connection connection, String id) {
        return Sql.one(connection, APPS + BY_ID + LOCKED, FunctionSql::app, id);
    }

    Mono<String> appId(Connection connection, String name) {
        return Sql.one(connection, "SELECT id FROM fn_apps WHERE name = $1", row -> text(row, "id"), name);
    }

    Mono<List<App>> apps(Connection connection, @Nullable String name, PageRequest page) {
        Query query = new Query(APPS).and("name = ", name).after(page);
        return query.list(connection, FunctionSql::app, dialect.orderColumn(), page.size());
    }

    private static App app(Readable row) {
        return new App(
                text(row, "id"),
                text(row, "name"),
                Json.map(text(row, "config")),
                annotations(row),
                row.get("syslog_url", String.class),
                time(row, "created_at"),
                time(row, "updated_at"));
    }

    // functions

    Mono<Long> insert(Connection connection, Fn fn) {
        return Sql.update(
                connection,
                "INSERT INTO fn_functions (id, app_id, name, image, memory_mb, timeout_seconds, idle_timeout_seconds, config,"
                        + " annotations, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                fn.id(),
                fn.appId(),
                fn.name(),
                fn.image(),
                fn.memoryMb(),
                fn.timeoutSeconds(),
                fn.idleTimeoutSeconds(),
                Json.of(fn.config()),
                Json.of(fn.annotations().values()),
                fn.createdAt(),
                fn.updatedAt());
    }

    Mono<Long> update(Connection connection, Fn fn) {
        return Sql.update(
                connection,
                "UPDATE fn_functions SET image = $2, memory_mb = $3, timeout_seconds = $4, idle_timeout_seconds = $5,"
                        + " config = $6, annotations = $7, updated_at = $8" + BY_ID,
                fn.id(),
                fn.image(),
                fn.memoryMb(),
                fn.timeoutSeconds(),
                fn.idleTimeoutSeconds(),
                Json.of(fn.config()),
                Json.of(fn.annotations().values()),
                fn.updatedAt());
    }

    Mono<Fn> fn(Connection connection, String id) {
        return Sql.one(connection, FNS + BY_ID, FunctionSql::fn, id);
    }

    Mono<Fn> lockedFn(Connection connection, String id) {
        return Sql.one(connection, FNS + BY_ID + LOCKED, FunctionSql::fn, id);
    }

    Mono<List<Fn>> fns(Connection connection, String appId, @Nullable String name, PageRequest page) {
        Query query =
                new Query(FNS).and("app_id = ", appId).and("name = ", name).after(page);
        return query.list(connection, FunctionSql::fn, dialect.orderColumn(), page.size());
    }

    private static Fn fn(Readable row) {
        return new Fn(
                text(row, "id"),
                text(row, "app_id"),
                text(row, "name"),
                text(row, "image"),
                Sql.number(row, "memory_mb"),
                Sql.number(row, "timeout_seconds"),
                Sql.number(row, "idle_timeout_seconds"),
                Json.map(text(row, "config")),
                annotations(row),
                time(row, "created_at"),
                time(row, "updated_at"));
    }

    // triggers

    Mono<Long> insert(Connection connection, Trigger trigger) {
        return Sql.update(
                connection,
                "INSERT INTO fn_triggers (id, app_id, fn_id, name, type, source, annotations, created_at, updated_at)"
                        + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                trigger.id(),
                trigger.appId(),
                trigger.fnId(),
                trigger.name(),
                trigger.type(),
                trigger.source(),
                Json.of(trigger.annotations().values()),
                trigger.createdAt(),
                trigger.updatedAt());
    }

    Mono<Long> update(Connection connection, Trigger trigger) {
        return Sql.update(
                connection,
                "UPDATE fn_triggers SET fn_id = $2, name = $3, source = $4, annotations = $5, updated_at = $6" + BY_ID,
                trigger.id(),
                trigger.fnId(),
                trigger.name(),
                trigger.source(),
                Json.of(trigger.annotations().values()),
                trigger.updatedAt());
    }

    Mono<Trigger> trigger(Connection connection, String id) {
        return Sql.one(connection, TRIGGERS + BY_ID, FunctionSql::trigger, id);
    }

    Mono<Trigger> lockedTrigger(Connection connection, String id) {
        return Sql.one(connection, TRIGGERS + BY_ID + LOCKED, FunctionSql::trigger, id);
    }

    Mono<List<Trigger>> triggers(
            Connection connection, String appId, @Nullable String fnId, @Nullable String name, PageRequest page) {
        Query query = new Query(TRIGGERS)
                .and("app_id = ", appId)
                .and("fn_id = ", fnId)
                .and("name = ", name)
                .afterTrigger(page);
        return query.list(connection, FunctionSql::trigger, dialect.orderColumn() + ", id", page.size());
    }

    Mono<List<Trigger>> sources(Connection connection, String appId, String type) {
        return Sql.list(
                connection,
                TRIGGERS + " WHERE app_id = $1 AND type = $2 ORDER BY source",
                FunctionSql::trigger,
                appId,
                type);
    }

    private static Trigger trigger(Readable row) {
        return new Trigger(
                text(row, "id"),
                text(row, "app_id"),
                text(row, "fn_id"),
                text(row, "name"),
                text(row, "type"),
                text(row, "source"),
                annotations(row),
                time(row, "created_at"),
                time(row, "updated_at"));
    }

    // all of them

    Mono<Long> delete(Connection connection, String table, String id) {
        return Sql.update(connection, "DELETE FROM " + table + BY_ID, id);
    }

    private static Annotations annotations(Readable row) {
        return new Annotations(Json.map(text(row, "annotations")));
    }

    /** A list of which only some conditions are wanted. */
    private final class Query {

        private final StringBuilder sql;
        private final List<Object> values = new ArrayList<>();

        Query(String select) {
            this.sql = new StringBuilder(select);
        }

        Query and(String condition, @Nullable String value) {
            if (value != null) {
                and().append(condition).append(parameter(value));
            }
            return this;
        }

        Query after(PageRequest page) {
            if (page.after() != null) {
                and().append(dialect.orderColumn()).append(" > ").append(dialect.inOrder(parameter(page.after())));
            }
            return this;
        }

        /** Names of triggers are not unique in an application. */
        Query afterTrigger(PageRequest page) {
            String name = page.afterName();
            if (name != null) {
                and().append('(').append(dialect.orderColumn()).append(", id) > (");
                sql.append(dialect.inOrder(parameter(name))).append(", ").append(parameter(page.afterId()));
                sql.append(')');
            }
            return this;
        }

        <T> Mono<List<T>> list(Connection connection, Function<? super Readable, T> row, String order, int limit) {
            sql.append(" ORDER BY ").append(order).append(" LIMIT ").append(parameter(limit));
            return Sql.list(connection, sql.toString(), row, values.toArray());
        }

        private StringBuilder and() {
            return sql.append(values.isEmpty() ? " WHERE " : " AND ");
        }

        private String parameter(Object value) {
            values.add(value);
            return "$" + values.size();
        }
    }
}
