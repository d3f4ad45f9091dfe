package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script samples/run in a project of empty files, with a Maven and a Java that only note how they were called. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class LauncherTest {

    private static final Instant LONG_AGO = Instant.now().minus(Duration.ofHours(1));

    @TempDir
    private Path root;

    private Path jar;
    private Path source;

    @BeforeEach
    void makeProject() throws IOException {
        jar = root.resolve("samples/target/headgate-samples.jar");
        source = root.resolve("gateway-api/src/main/java/A.java");
        for (String file :
                new String[] {"pom.xml", "gateway-api/pom.xml", "samples/pom.xml", "samples/src/main/B.java"}) {
            touch(root.resolve(file));
        }
        touch(source);
        program(
                "bin/mvn",
                "echo \"$@\" >>\"$LOGS/mvn\"; mkdir -p samples/target; touch samples/target/headgate-samples.jar");
        program("bin/java", "echo \"$@\" >>\"$LOGS/java\"");
        Files.copy(Path.of("run"), root.resolve("samples/run"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(root.resolve("logs"));
        try (var files = Files.walk(root)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
            }
        }
    }

    @Test
    void buildsWhatIsMissingThenRunsTheJar() throws Exception {
        launch("proxy", "--access-log");
        assertThat(log("mvn")).contains("-pl samples -am package");
        assertThat(log("java")).isEqualTo("--enable-native-access=ALL-UNNAMED -jar " + jar + " proxy --access-log\n");
    }

    @Test
    void doesNotCallMavenWhenTheJarIsUpToDate() throws Exception {
        launch();
        Files.delete(root.resolve("logs/mvn"));
        launch();
        assertThat(root.resolve("logs/mvn")).doesNotExist();
        assertThat(log("java").lines()).hasSize(2);
    }

    @Test
    void buildsAnewWhenASourceHasChanged() throws Exception {
        launch();
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
        launch();
        assertThat(log("mvn").lines()).hasSize(2);
    }

    @Test
    void buildsAnewWhenASourceHasGone() throws Exception {
        launch();
        Files.setLastModifiedTime(jar, FileTime.from(LONG_AGO.plusSeconds(1)));
        Files.delete(source);
        launch();
        assertThat(log("mvn").lines()).hasSize(2);
    }

    @Test
    void passesJavaOptions() throws Exception {
        launch(Map.of("JAVA_OPTS", "-Xmx64m -Da=b"));
        assertThat(log("java")).contains(" -Xmx64m -Da=b -jar ");
    }

    private void launch(String... args) throws Exception {
        launch(Map.of(), args);
    }

    private void launch(Map<String, String> environment, String... args) throws Exception {
        String[] command = new String[args.length + 1];
        command[0] = root.resolve("samples/run").toString();
        System.arraycopy(args, 0, command, 1, args.length);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(root.resolve("logs").toFile())
                .redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("JAVA_OPTS");
        builder.environment().put("LOGS", root.resolve("logs").toString());
        builder.environment().merge("PATH", root.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private String log(String name) throws IOException {
        return Files.readString(root.resolve("logs").resolve(name));
    }

    private static void touch(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
    }

    private void program(String name, String body) throws IOException {
        Path file = root.resolve(name);
        touch(file);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
