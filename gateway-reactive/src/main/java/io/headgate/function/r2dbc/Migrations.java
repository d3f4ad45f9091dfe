package io.headgate.function.r2dbc;

import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Brings the tables up to date. Flyway speaks JDBC and blocks, so it has a thread of its own; of several processes that start at once
 * one does the work, and the others wait for it.
 */
final class Migrations {

    /** Not Flyway's own name: the database may have migrations of somebody else. */
    private static final String HISTORY = "fn_schema_history";

    private static final String LOCATION = "classpath:io/headgate/function/r2dbc/migration/";

    private static final int RETRIES = 40;
    private static final Duration PAUSE = Duration.ofMillis(250);

    /** Of the advisory lock of PostgreSQL, which is of one database: "headgate" in ASCII. */
    private static final long LOCK = 0x6865616467617465L;

    private Migrations() {}

    /**
     * For a server that several processes share: only who has the lock looks at the tables, since Flyway takes its own lock only after it has
     * made schema and history.
     *
     * @param guard a connection of its own, which holds the lock until it is closed
     */
    static Mono<Void> runAlone(DatabaseUrl url, Connection guard, Scheduler blocking) {
        return Sql.update(guard, "SET statement_timeout = 0") // others take what time they need
                .then(Mono.defer(() -> Sql.one(guard, "SELECT pg_advisory_lock(" + LOCK + ")", row -> LOCK)))
                .then(Mono.<Void>fromRunnable(() -> migrate(url)).subscribeOn(blocking));
    }

    /** For a database in this process. */
    static Mono<Void> run(DatabaseUrl url, Scheduler blocking) {
        return Mono.<Void>fromRunnable(() -> migrate(url))
                .subscribeOn(blocking)
                .retryWhen(Retry.fixedDelay(RETRIES, PAUSE)
                        .filter(Migrations::isAhead)
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure()));
    }

    /** Who opens the same name has made the history and not yet written to it: Flyway takes the lock only after that. */
    private static boolean isAhead(Throwable error) {
        return String.valueOf(error.getMessage()).contains("Unable to baseline");
    }

    /** Flyway would let it pass: what works on tables that are not known here may break them. */
    private static void refuseNewer(DatabaseUrl url, MigrationInfoService migrations) {
        String known = Arrays.stream(migrations.all())
                .filter(migration -> migration.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .map(MigrationVersion::toString)
                .orElse("none");
        for (MigrationInfo migration : migrations.applied()) {
            MigrationState state = migration.getState();
            if (state == MigrationState.FUTURE_SUCCESS || state == MigrationState.FUTURE_FAILED) {
                throw new IllegalStateException(url + ": its tables are of version " + migration.getVersion()
                        + " (expected: at most " + known + "; a newer program has brought them up to date)");
            }
        }
    }

    private static void migrate(DatabaseUrl url) {
        FluentConfiguration flyway = Flyway.configure(Migrations.class.getClassLoader())
                .table(HISTORY)
                // Tables of others are none of our business, and no reason to stop.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .validateMigrationNaming(true);
        if (url instanceof DatabaseUrl.Postgres postgres) {
            String user = postgres.user();
            flyway.dataSource(
                            postgres.jdbc(),
                            user == null ? System.getProperty("user.name", "") : user,
                            postgres.password())
                    .locations(LOCATION + "postgresql");
            String schema = postgres.parameters().get("schema");
            if (schema != null) {
                flyway.defaultSchema(schema);
            }
        } else {
            flyway.dataSource("jdbc:" + url, Drivers.H2_USER, "").locations(LOCATION + "h2");
        }
        try {
            Flyway ready = flyway.load();
            refuseNewer(url, ready.info());
            ready.migrate();
        } catch (FlywayException e) {
            throw new IllegalStateException("migration of " + url + " failed: " + e.getMessage(), e);
        }
    }
}
