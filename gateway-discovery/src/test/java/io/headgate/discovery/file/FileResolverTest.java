package io.headgate.discovery.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.discovery.Json;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.Update;
import io.headgate.test.UpdateProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.scheduler.VirtualTimeScheduler;

class FileResolverTest {

    private static final List<Endpoint> A = List.of(Endpoint.of("10.0.0.1", 80));
    private static final List<Endpoint> B = List.of(Endpoint.of("10.0.0.2", 80));
    private static final Duration NEVER = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private final SourceAges ages = SourceAges.create();
    private UpdateProbe probe;

    @AfterEach
    void cancel() {
        if (probe != null) {
            probe.cancel();
        }
    }

    @Test
    void aFileThatIsReplacedByRenamingIsSeenByTheWatch() {
        Path file = directory.resolve("endpoints.json");
        Replace.content(file, Json.of("orders", A));
        probe = UpdateProbe.on(FileResolver.of(file).withInterval(NEVER).resolve("orders"));
        probe.awaitSet(A);
        Replace.content(file, Json.of("orders", B));

        probe.awaitSet(B);
    }

    @Test
    void aFileThatIsWrittenInPlaceIsSeenByTheWatch() throws Exception {
        Path file = Files.writeString(directory.resolve("endpoints.json"), Json.of("orders", A));
        probe = UpdateProbe.on(FileResolver.of(file).withInterval(NEVER).resolve("orders"));
        probe.awaitSet(A);
        Files.writeString(file, Json.of("orders", B));

        probe.awaitSet(B);
    }

    @Test
    void aLinkThatIsSwappedAsKubernetesDoesIsSeenByTheWatch() throws Exception {
        version("v1", A);
        version("v2", B);
        Files.createSymbolicLink(directory.resolve("..data"), Path.of("v1"));
        Path file = Files.createSymbolicLink(directory.resolve("endpoints.json"), Path.of("..data", "endpoints.json"));
        probe = UpdateProbe.on(FileResolver.of(file).withInterval(NEVER).resolve("orders"));
        probe.awaitSet(A);

        Path swapped = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("v2"));
        Files.move(swapped, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        probe.awaitSet(B);
    }

    private void version(String name, List<Endpoint> endpoints) throws Exception {
        Path folder = Files.createDirectory(directory.resolve(name));
        Files.writeString(folder.resolve("endpoints.json"), Json.of("orders", endpoints));
    }

    @Test
    void theWatchEndsWithTheLastSubscriber() {
        Path file = directory.resolve("endpoints.json");
        Replace.content(file, Json.of("orders", A));
        FileResolver resolver = FileResolver.of(file);
        probe = UpdateProbe.on(resolver.resolve("orders"));
        UpdateProbe other = UpdateProbe.on(resolver.resolve("carts"));
        probe.awaitSet(A);
        other.awaitAbsent();
        await().until(this::isWatched);

        probe.cancel();
        assertThat(isWatched()).isTrue();
        other.cancel();
        await().until(() -> !isWatched());
    }

    private boolean isWatched() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("headgate-watch-" + directory));
    }

    @Test
    void aDirectoryThatComesLaterIsLookedAt() throws Exception {
        Path file = directory.resolve("later").resolve("endpoints.json");
        probe = UpdateProbe.on(
                FileResolver.of(file).withInterval(Duration.ofMillis(20)).resolve("orders"));
        probe.awaitAbsent();
        Files.createDirectory(file.getParent());
        Replace.content(file, Json.of("orders", A));

        probe.awaitSet(A);
    }

    @Test
    void aFileThatWasNeverThereKnowsNoNameAndOneThatHasGoneStaysInForce() throws Exception {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Path file = directory.resolve("endpoints.json");
        probe = UpdateProbe.on(polled(file, time).resolve("orders"));
        time.advanceTimeBy(Duration.ZERO);
        assertThat(probe.updates()).containsExactly(new Update.Absent<>());
        assertThat(ages.of("orders").isCurrent()).isFalse();

        Replace.content(file, Json.of("orders", A));
        time.advanceTimeBy(FileResolver.INTERVAL);
        probe.assertSet(A);
        assertThat(ages.of("orders").isCurrent()).isTrue();

        Files.delete(file);
        time.advanceTimeBy(Duration.ofMinutes(10));
        probe.assertSet(A);
        assertThat(ages.of("orders").cause()).hasMessageContaining("endpoints.json");
    }

    @Test
    void aBadFileLeavesTheLastGoodOneInForceAndSaysWhatIsWrong() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Path file = directory.resolve("endpoints.json");
        Replace.content(file, Json.of("orders", A));
        probe = UpdateProbe.on(polled(file, time).resolve("orders"));
        time.advanceTimeBy(Duration.ZERO);
        Replace.content(file, "{\"endpoints\": {\"orders\": [\"10.0.0.1\"]}}");
        time.advanceTimeBy(FileResolver.INTERVAL);

        probe.assertSet(A);
        assertThat(ages.of("orders").cause())
                .hasMessage(file + ": endpoints.orders[0]: \"10.0.0.1\" (expected: host:port or [address]:port)");
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Path file = directory.resolve("endpoints.json");
        Replace.content(file, Json.of("orders", A));
        probe = UpdateProbe.on(polled(file, time).withMaxBytes(10).resolve("orders"));
        time.advanceTimeBy(Duration.ZERO);

        assertThat(probe.updates()).isEmpty();
        assertThat(ages.of("orders").cause()).hasMessage(file + ": more than 10 bytes (expected: at most that)");
    }

    @Test
    void namesWhoseEndpointsAreAsBeforeAreNotTold() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Path file = directory.resolve("endpoints.json");
        Replace.content(file, Json.of("orders", A));
        probe = UpdateProbe.on(polled(file, time).resolve("orders"));
        time.advanceTimeBy(Duration.ZERO);
        Replace.content(file, Json.of("orders", A) + "\n");
        time.advanceTimeBy(FileResolver.INTERVAL);

        assertThat(probe.updates()).hasSize(1);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        FileResolver resolver = FileResolver.of(directory);
        assertThatThrownBy(() -> resolver.withInterval(Duration.ZERO))
                .hasMessage("interval: PT0S (expected: above zero)");
        assertThatThrownBy(() -> resolver.withMaxBytes(0)).hasMessage("maxBytes: 0 (expected: 1 or more)");
    }

    private FileResolver polled(Path file, VirtualTimeScheduler time) {
        return FileResolver.of(file).withoutWatch().withScheduler(time).withObserver(ages);
    }
}
