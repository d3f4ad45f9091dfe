package io.headgate.function.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {

    private static final String SECRET = "hunter2";

    @Test
    void readsWhatAServerNeeds() {
        DatabaseUrl url = DatabaseUrl.parse(
                "postgresql://ann%40x:p%40ss%3A%2F+1@db.example:6543/some%20db?sslmode=verify-full&schema=fn&ApplicationName=g");

        assertThat(url)
                .isEqualTo(new DatabaseUrl.Postgres(
                        "db.example",
                        6543,
                        "some db",
                        "ann@x",
                        "p@ss:/+1",
                        Map.of("sslMode", "verify-full", "schema", "fn", "applicationName", "g")));
        assertThat(((DatabaseUrl.Postgres) url).jdbc())
                .isEqualTo(
                        "jdbc:postgresql://db.example:6543/some+db?ApplicationName=g&currentSchema=fn&sslmode=verify-full");
    }

    @Test
    void takesUserAndPortForGranted() {
        assertThat(DatabaseUrl.parse("postgres://localhost/fn"))
                .isEqualTo(new DatabaseUrl.Postgres("localhost", 5432, "fn", null, null, Map.of()));
        assertThat(((DatabaseUrl.Postgres) DatabaseUrl.parse("r2dbc:postgresql://ann@[::1]/fn")).bareHost())
                .isEqualTo("::1");
    }

    @Test
    void readsWhereH2Is() {
        assertThat(DatabaseUrl.parse("h2:mem:some-name")).hasToString("h2:mem:some-name");
        assertThat(DatabaseUrl.parse("h2:mem:")).as("nobody else has it").isNotEqualTo(DatabaseUrl.parse("h2:mem:"));
        assertThat(DatabaseUrl.parse("h2:file:some/where"))
                .isEqualTo(new DatabaseUrl.H2(
                        false, Path.of("some/where").toAbsolutePath().toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hunter2",
                "hunter2@host/db",
                "mysql://u:hunter2@host/db",
                "jdbc:postgresql://u:hunter2@host/db",
                "postgresql://u:hunter2@host",
                "postgresql://u:hunter2@host/",
                "postgresql://u:hunter2@host/a/b",
                "postgresql://u:hunter2@host/db#x",
                "postgresql://u:hunter2@/db",
                "postgresql://u:hunter2 @host/db",
                "postgresql://u:hunter2@host:port/db",
                "postgresql://u:hunter2%zz@host/db",
                "postgresql://u:a/hunter2@host/db",
                "postgresql://u:1/a?hunter2@host/db",
                "postgresql://u:hunter2@host/db?password=hunter2",
                "postgresql://u:hunter2@host/db?schema=no;pe",
                "postgresql:u:hunter2@host/db",
                "h2:hunter2",
                "h2:tcp://sa:hunter2@host/db",
                "h2:mem:name;PASSWORD=hunter2",
                "h2:file:",
                "h2:file:/tmp/",
                "h2:file:/tmp/x;PASSWORD=hunter2",
                "h2:file:/tmp/x?password=hunter2"
            })
    void saysWhatIsExpectedAndNeverThePassword(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatabaseSettings.of(url))
                .withMessageStartingWith("url: ")
                .withMessageContaining("(expected: ")
                .withNoCause()
                .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain(SECRET));
    }

    @Test
    void whatIsPrintedHasNoPassword() {
        DatabaseSettings settings = DatabaseSettings.of("postgresql://u:hunter2@host/db");

        assertThat(settings.toString()).contains("postgresql://host:5432/db").doesNotContain(SECRET);
        assertThat(Drivers.factory(settings).toString()).doesNotContain(SECRET);
    }

    @Test
    void settingsAreChecked() {
        DatabaseSettings settings = DatabaseSettings.of("h2:mem:");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.withMaxConnections(0))
                .withMessage("maxConnections: 0 (expected: 1 or more)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.withPing(0, DatabaseSettings.PING_PAUSE))
                .withMessage("pingAttempts: 0 (expected: 1 or more)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.withAcquireTimeout(Duration.ZERO))
                .withMessage("acquireTimeout: PT0S (expected: above zero)");
    }
}
