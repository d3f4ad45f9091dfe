package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Opened.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.headgate.function.async.CallStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.scheduler.VirtualTimeScheduler;

class H2OpeningTest {

    @TempDir
    Path folder;

    @Test
    void memoryIsSharedByNameAndGoneWhenTheLastHasClosedIt() {
        Database first = get(Database.open("h2:mem:shared"));
        Database second = get(Database.open("h2:mem:shared"));
        get(new R2dbcCallStore(first).add(DatabaseContract.call("c1", new byte[0])));
        get(first.close());
        assertThat(queued(second)).isEqualTo(1);
        get(second.close());

        Database third = get(Database.open("h2:mem:shared"));
        assertThat(queued(third)).isZero();
        get(third.close());
    }

    @Test
    void fileIsKept() {
        String url = "h2:file:" + folder.resolve("functions");
        Database database = get(Database.open(url));
        assertThat(database).hasToString(url);
        get(new R2dbcCallStore(database).add(DatabaseContract.call("c1", new byte[] {1, 2})));
        get(database.close());

        assertThat(folder.resolve("functions.mv.db")).exists();
        Database again = get(Database.open(url));
        assertThat(get(new R2dbcCallStore(again).lease(DatabaseContract.request(1)))
                        .get(0)
                        .call()
                        .payload())
                .containsExactly(1, 2);
        get(again.close());
    }

    @Test
    void whatDoesNotOpenIsTriedAgainAndThenToldOf() throws Exception {
        Files.writeString(folder.resolve("broken.mv.db"), "this is no database");
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Database.open(DatabaseSettings.of("h2:file:" + folder.resolve("broken"))
                        .withPing(3, Duration.ofMinutes(1))
                        .withTimer(time))
                .subscribe(database -> {}, failure::set);
        Opened.patiently().until(() -> {
            time.advanceTimeBy(Duration.ofMinutes(1));
            return failure.get() != null;
        });

        assertThat(failure.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("broken: no connection after 3 of 3 attempts: ");
        time.dispose();
    }

    @Test
    void migrationThatFailsClosesWhatWasOpened() throws Exception {
        String url = "h2:file:" + folder.resolve("future");
        Database database = get(Database.open(url));
        get(database.connections()
                .run(connection -> Sql.update(connection, "UPDATE \"fn_schema_history\" SET \"checksum\" = 1")));
        get(database.close());

        assertThatIllegalStateException()
                .isThrownBy(() -> get(Database.open(url)))
                .withMessageContaining("migration of " + url + " failed: ");
        Files.delete(folder.resolve("future.mv.db"));
        get(get(Database.open(url)).close());
    }

    @Test
    void databaseThatANewerProgramHasBroughtUpToDateIsLeftAlone() {
        String url = "h2:file:" + folder.resolve("newer");
        Database database = get(Database.open(url));
        get(database.connections()
                .run(connection -> Sql.update(
                        connection,
                        "INSERT INTO \"fn_schema_history\" SELECT 99, '7', 'later', \"type\", 'V7__later.sql', 1, \"installed_by\","
                                + " \"installed_on\", 1, TRUE FROM \"fn_schema_history\" WHERE \"version\" = '1'")));
        get(database.close());

        assertThatIllegalStateException()
                .isThrownBy(() -> get(Database.open(url)))
                .withMessage(
                        url + ": its tables are of version 7 (expected: at most 2; a newer program has brought them"
                                + " up to date)");
    }

    private static long queued(Database database) {
        CallStore.Backlog backlog = get(new R2dbcCallStore(database).backlog());
        return backlog.queued();
    }
}
