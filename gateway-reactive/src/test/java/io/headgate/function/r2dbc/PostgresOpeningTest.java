package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Opened.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.headgate.Trait;
import io.headgate.gateway.HeldPort;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

class PostgresOpeningTest {

    private static final String BACKENDS = "FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND application_name = 'victim'";

    private Postgres postgres;

    @BeforeEach
    void startPostgres() throws Exception {
        postgres = Postgres.start();
    }

    @Test
    void whoIsRefusedIsToldAtOnceAndWithoutThePassword() throws Exception {
        String database = Postgres.nameOf(postgres.database());
        assertThatIllegalStateException()
                .isThrownBy(() -> get(Database.open(postgres.url(database, "hunter2"))))
                .withMessageContaining("/" + database + ": no connection after 1 of 10 attempts: ")
                .withMessageContaining("password authentication failed")
                .satisfies(refused -> assertThat(everythingOf(refused)).doesNotContain("hunter2"));
        assertThatIllegalStateException()
                .isThrownBy(() -> get(Database.open(postgres.url("nowhere", Postgres.PASSWORD))))
                .withMessageContaining("after 1 of 10 attempts: ")
                .withMessageContaining("\"nowhere\" does not exist")
                .satisfies(refused -> assertThat(everythingOf(refused)).doesNotContain("s3cret"));
    }

    @Test
    void whereNobodyListensIsTriedAgain() throws Exception {
        try (HeldPort nobody = new HeldPort()) {
            String place = "127.0.0.1:" + nobody.number() + "/db";
            DatabaseSettings settings =
                    DatabaseSettings.of("postgresql://u:hunter2@" + place).withPing(3, Duration.ofMillis(1));
            assertThatIllegalStateException()
                    .isThrownBy(() -> get(Database.open(settings)))
                    .withMessageContaining("postgresql://" + place + ": no connection after 3 of 3 attempts: ")
                    .satisfies(refused -> assertThat(everythingOf(refused)).doesNotContain("hunter2"));
        }
    }

    @Test
    void severalThatOpenAtOnceBringItUpToDateOnce() throws Exception {
        String url = postgres.database();
        isBroughtUpToDateOnce(url);
        isBroughtUpToDateOnce(url + "?schema=theirs"); // which has to be made as well
    }

    private static void isBroughtUpToDateOnce(String url) {
        List<Database> all =
                get(Flux.range(0, 6).flatMap(i -> Database.open(url)).collectList());

        Mono<Long> migrations = all.get(0)
                .connections()
                .run(connection -> Sql.one(
                        connection,
                        "SELECT COUNT(*) AS migrations FROM fn_schema_history WHERE version = '1'",
                        row -> Sql.count(row, "migrations")));
        assertThat(get(migrations)).isEqualTo(1L);
        all.forEach(database -> get(database.close()));
    }

    @Test
    void tablesOfOthersAreLeftAloneAndASchemaOfItsOwnIsMade() throws Exception {
        String url = postgres.database();
        postgres.execute(Postgres.nameOf(url), "CREATE TABLE theirs (id int)");
        Database beside = get(Database.open(url));
        Database apart = get(Database.open(url + "?schema=functions"));
        get(new R2dbcCallStore(apart).add(DatabaseContract.call("c1", new byte[0])));

        assertThat(get(new R2dbcCallStore(beside).backlog()).queued()).isZero();
        assertThat(get(new R2dbcCallStore(apart).backlog()).queued()).isEqualTo(1);
        postgres.execute(Postgres.nameOf(url), "SELECT * FROM theirs, functions.fn_calls");
        get(beside.close());
        get(apart.close());
    }

    @Test
    void connectionsThatTheServerEndsAreReplaced() throws Exception {
        String url = postgres.database();
        Database database = get(Database.open(url + "?applicationName=victim"));
        get(database.ping());
        postgres.execute(Postgres.nameOf(url), "SELECT pg_terminate_backend(pid) " + BACKENDS);

        get(database.ping()); // noticed by the pool or not
        assertThat(database.connections().metrics().acquiredSize()).isZero();
        get(database.close());
    }

    private static Mono<Long> endsItself(Connection connection) {
        return Sql.update(connection, "SELECT pg_terminate_backend(pg_backend_pid())");
    }

    private static void assertLost(Mono<?> operation, String message, Trait... traits) {
        assertThatExceptionOfType(DatabaseUnavailableException.class)
                .isThrownBy(() -> get(operation))
                .withMessageContaining(message)
                .satisfies(lost -> {
                    assertThat(lost.status()).isEqualTo(503);
                    assertThat(lost.replyFields()).containsEntry("retry-after", "5");
                    assertThat(lost.traits()).containsExactlyInAnyOrder(traits);
                });
    }

    @Test
    void aReadWhoseConnectionEndsIsDoneOnceMoreAndNoChangeIs() throws Exception {
        Database database = get(Database.open(postgres.database()));
        Connections connections = database.connections();
        AtomicInteger tries = new AtomicInteger();
        Function<Connection, Mono<Long>> endsAtFirst = connection ->
                tries.incrementAndGet() == 1 ? endsItself(connection) : Sql.update(connection, "SELECT 1");

        assertThat(get(connections.read(endsAtFirst))).isEqualTo(1L);
        assertThat(tries).hasValue(2);
        tries.set(0);
        assertThat(get(connections.repeat(endsAtFirst))).isEqualTo(1L);
        assertThat(tries).hasValue(2);

        for (Mono<Long> change : List.of(
                connections.run(endsAtFirst),
                connections.change(endsAtFirst),
                connections.transact(endsAtFirst),
                connections.take(endsAtFirst))) {
            tries.set(0);
            assertLost(change, "whether anything was changed is not known");
            assertThat(tries).hasValue(1);
        }
        assertLost(connections.read(PostgresOpeningTest::endsItself), "the connection was lost", Trait.RETRYABLE);
        assertThat(connections.metrics().acquiredSize()).isZero();
        get(database.close());
    }

    @Test
    void aCommitWhoseConnectionHasEndedIsNotSaidToHaveFailed() throws Exception {
        String url = postgres.database();
        Database database = get(Database.open(url + "?applicationName=victim"));
        Mono<Void> ended = Mono.<Void>fromCallable(() -> {
                    postgres.execute(Postgres.nameOf(url), "SELECT pg_terminate_backend(pid) " + BACKENDS);
                    return null;
                })
                .subscribeOn(Schedulers.boundedElastic());
        Mono<Long> change = database.connections()
                .transact(connection ->
                        Sql.update(connection, "DELETE FROM fn_apps").flatMap(count -> ended.thenReturn(count)));

        assertLost(change, "whether anything was changed is not known");
        get(database.ping());
        get(database.close());
    }

    @Test
    void statementThatTakesTooLongIsEndedByTheServer() throws Exception {
        Database database = get(Database.open(DatabaseSettings.of(postgres.database())
                .withOperationTimeout(Duration.ofMillis(400))
                .withTimer(VirtualTimeScheduler.create())));
        assertThatExceptionOfType(R2dbcException.class)
                .isThrownBy(() -> get(
                        database.connections().transact(connection -> Sql.update(connection, "SELECT pg_sleep(100)"))))
                .withMessageContaining("statement timeout");
        get(database.ping());
        get(database.close());
    }

    @Test
    void connectionOnWhichTheServerIsSilentIsGivenUp() throws Exception {
        String url = postgres.database();
        Database database = get(Database.open(DatabaseSettings.of(url + "?applicationName=victim")
                .withOperationTimeout(Duration.ofMillis(400))
                .withMaxConnections(1)));
        long backend = get(database.connections()
                .run(connection ->
                        Sql.one(connection, "SELECT pg_backend_pid() AS pid", row -> (long) Sql.number(row, "pid"))));
        signal("STOP", backend);
        try {
            assertThatExceptionOfType(R2dbcTimeoutException.class)
                    .isThrownBy(() -> get(database.ping()))
                    .withMessage("database: no answer within PT0.5S");
            get(database.ping());
            assertThat(database.connections().metrics().acquiredSize()).isZero();
        } finally {
            signal("CONT", backend);
        }
        get(database.close());
    }

    private static void signal(String name, long process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Messages of a failure and its causes, as a log has them. */
    private static String everythingOf(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
