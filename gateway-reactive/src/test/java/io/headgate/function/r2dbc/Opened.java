package io.headgate.function.r2dbc;

import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import reactor.core.publisher.Mono;

/** A database for one class of tests, emptied before each. */
final class Opened implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(30);

    private final String url;
    private final Database database;

    private Opened(String url) {
        this.url = url;
        this.database = get(Database.open(DatabaseSettings.of(url).withMaxConnections(4)));
    }

    static Opened h2() {
        return new Opened("h2:mem:test-" + UUID.randomUUID());
    }

    static Opened postgres() throws Exception {
        return new Opened(Postgres.start().database());
    }

    String url() {
        return url;
    }

    Database database() {
        return database;
    }

    Opened emptied() {
        get(database.connections()
                .run(connection -> deleted(connection, "fn_apps").then(deleted(connection, "fn_calls"))));
        return this;
    }

    private static Mono<Long> deleted(Connection connection, String table) {
        return Sql.update(connection, "DELETE FROM " + table);
    }

    /** Fails unless all connections are back in their pool, and nobody waits for one. */
    void assertNothingBorrowed() {
        PoolMetrics metrics = database.connections().metrics();
        patiently()
                .untilAsserted(() -> Assertions.assertThat(metrics.acquiredSize() + metrics.pendingAcquireSize())
                        .isZero());
    }

    static ConditionFactory patiently() {
        return Awaitility.await().atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    @Override
    public void close() {
        assertNothingBorrowed();
        get(database.close());
    }

    static <T> T get(Mono<T> mono) {
        return mono.block(LIMIT);
    }
}
