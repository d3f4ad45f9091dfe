package io.headgate.function.r2dbc;

import io.headgate.gateway.HeldPort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The PostgreSQL of the system, one per run of tests, on loopback and with its files in a temporary directory. It refuses to run as
 * root, so root starts it as another user. It ends with this process, also when that is killed: the shell around it waits for the end
 * of its input.
 */
public final class Postgres {

    static final String PASSWORD = "s3cret:/@?#%";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String USER = "headgate";
    private static final Object LOCK = new Object();
    private static @Nullable Postgres running;
    private static int databases;

    private final Path programs;
    private final Path folder;
    private final HeldPort port = new HeldPort();
    private final @Nullable String account;
    private final Process shell;

    private Postgres(Path programs) throws IOException, InterruptedException {
        this.programs = programs;
        this.folder = Files.createTempDirectory("headgate-pg");
        this.account = isRoot() ? account() : null;
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        if (account != null) {
            execute(List.of("chown", "-R", account, folder.toString()));
        }
        execute(as(
                programs.resolve("initdb").toString(),
                "--pgdata=" + folder.resolve("data"),
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync"));
        this.shell = new ProcessBuilder("sh", "-c", script())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(this::answers);
    }

    /** Skips the test, loudly, where there is no PostgreSQL, and fails it where there must be one. */
    public static Postgres start() throws Exception {
        Optional<Path> programs = programs();
        String missing = "PostgreSQL is missing, so what it would prove is not proved";
        if (Boolean.parseBoolean(System.getenv("HEADGATE_REQUIRE_TOOLS"))) {
            Assertions.assertTrue(programs.isPresent(), missing);
        }
        if (programs.isEmpty()) {
            System.err.println("SKIPPED: " + missing);
        }
        Assumptions.assumeTrue(programs.isPresent(), missing);
        synchronized (LOCK) {
            if (running == null) {
                running = new Postgres(programs.get());
            }
            return running;
        }
    }

    /** The newest one of a Debian system, which does not put them into the path, else that of the path. */
    private static Optional<Path> programs() throws IOException {
        Path debian = Path.of("/usr/lib/postgresql");
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(debian)) {
            try (Stream<Path> versions = Files.list(debian)) {
                versions.sorted(Comparator.comparing((Path version) ->
                                        version.getFileName().toString().length())
                                .thenComparing(Comparator.naturalOrder())
                                .reversed())
                        .forEach(version -> found.add(version.resolve("bin")));
            }
        }
        Stream.of(System.getenv("PATH").split(":")).map(Path::of).forEach(found::add);
        return found.stream()
                .filter(bin -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres")))
                .findFirst();
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static String account() throws IOException {
        return Files.readAllLines(Path.of("/etc/passwd")).stream().anyMatch(line -> line.startsWith("postgres:"))
                ? "postgres"
                : "nobody";
    }

    private String script() {
        String postgres = String.join(
                " ",
                as(
                        programs.resolve("postgres").toString(),
                        "-D",
                        folder.resolve("data").toString(),
                        "-p",
                        Integer.toString(port.number()),
                        "-k",
                        folder.toString(),
                        "-c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c synchronous_commit=off",
                        "-c shared_buffers=32MB -c max_connections=100 -c deadlock_timeout=100ms -c"
                                + " log_min_messages=fatal"));
        return postgres + " & cat >/dev/null; kill -INT $!; wait; rm -rf " + folder;
    }

    private List<String> as(String... command) {
        List<String> all = new ArrayList<>();
        if (account != null) {
            all.addAll(List.of("setpriv", "--reuid=" + account, "--regid=" + account, "--clear-groups"));
            if (account.equals("nobody")) {
                all.set(2, "--regid=nogroup");
            }
        }
        all.addAll(List.of(command));
        return all;
    }

    private void execute(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assertions.assertEquals(0, process.waitFor(), () -> command + ": " + output);
    }

    private boolean answers() {
        Assertions.assertTrue(shell.isAlive(), () -> "PostgreSQL has ended, see " + folder.resolve("log"));
        try (Connection connection = connect("postgres")) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port.number() + "/" + database, USER, PASSWORD);
    }

    private void stop() {
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        } catch (IOException | InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets clients use TLS from now on, with that certificate; they still need not. */
    void speakTls(String certificate, String key) throws Exception {
        Path secret = Files.writeString(folder.resolve("server.key"), key);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Path shown = Files.writeString(folder.resolve("server.crt"), certificate);
        if (account != null) {
            execute(List.of("chown", account, secret.toString(), shown.toString()));
        }
        execute("postgres", "ALTER SYSTEM SET ssl_key_file = '" + secret + "'");
        execute("postgres", "ALTER SYSTEM SET ssl_cert_file = '" + shown + "'");
        switchTls("on");
    }

    void speakPlainly() throws SQLException {
        switchTls("off");
    }

    private void switchTls(String state) throws SQLException {
        execute("postgres", "ALTER SYSTEM SET ssl = " + state);
        execute("postgres", "SELECT pg_reload_conf()");
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> state.equals(tls()));
    }

    private String tls() throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW ssl")) {
            row.next();
            return row.getString(1);
        }
    }

    /** Makes a database that nobody else has, and tells its URL. */
    public String database() throws SQLException {
        String name;
        synchronized (LOCK) {
            name = "db" + ++databases;
        }
        execute("postgres", "CREATE DATABASE " + name);
        return url(name, PASSWORD);
    }

    String url(String database, String password) {
        return "postgresql://" + USER + ":" + encoded(password) + "@127.0.0.1:" + port.number() + "/" + database;
    }

    private static String encoded(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Runs a statement in a database that {@link #database} made. */
    void execute(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String nameOf(String url) {
        return Objects.requireNonNull(url).substring(url.lastIndexOf('/') + 1);
    }

    int port() {
        return port.number();
    }
}
