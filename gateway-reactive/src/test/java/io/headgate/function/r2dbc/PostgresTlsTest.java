package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Opened.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL that speaks TLS, with a certificate that it has signed itself. */
class PostgresTlsTest {

    @TempDir
    private Path folder;

    private Postgres postgres;
    private Path trusted;

    @BeforeEach
    void startTls() throws Exception {
        postgres = Postgres.start();
        X509Bundle own = certificate();
        trusted = Files.writeString(folder.resolve("trusted.pem"), own.getCertificatePEM());
        postgres.speakTls(own.getCertificatePEM(), own.getPrivateKeyPEM());
    }

    @AfterEach
    void endTls() throws Exception {
        if (postgres != null) {
            postgres.speakPlainly();
        }
    }

    private static X509Bundle certificate() throws Exception {
        return new CertificateBuilder()
                .subject("CN=database")
                .addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    @Test
    void aServerThatIsVouchedForIsUsedAndOnlyThroughTls() throws Exception {
        String url = postgres.database() + "?sslMode=verify-full&sslRootCert=" + trusted;
        Database database = get(Database.open(url));
        get(new R2dbcCallStore(database).add(DatabaseContract.call("c1", new byte[] {1})));

        boolean encrypted = get(database.connections()
                .run(connection -> Sql.one(
                        connection,
                        "SELECT CASE WHEN ssl THEN 1 ELSE 0 END AS encrypted FROM pg_stat_ssl WHERE pid ="
                                + " pg_backend_pid()",
                        row -> Sql.number(row, "encrypted") == 1)));
        assertThat(encrypted).isTrue();
        assertThat(get(new R2dbcCallStore(database).backlog()).queued()).isEqualTo(1);
        get(database.close());
    }

    @Test
    void aServerThatNobodyVouchesForIsNotTalkedTo() throws Exception {
        Path others =
                Files.writeString(folder.resolve("others.pem"), certificate().getCertificatePEM());
        String url = postgres.database();
        DatabaseSettings settings = DatabaseSettings.of(url + "?sslMode=verify-full&sslRootCert=" + others)
                .withPing(1, Duration.ofMillis(1));
        assertThatIllegalStateException()
                .isThrownBy(() -> get(Database.open(settings)))
                .withMessageContaining("no connection after 1 of 1 attempts");
    }
}
