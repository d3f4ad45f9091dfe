package io.headgate.sync.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.sync.SyncStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.scheduler.VirtualTimeScheduler;

class SyncDirectoryTest {

    private static final Duration NEVER = Duration.ofHours(1);

    @TempDir
    private Path folder;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private SetProbe probe;

    @AfterEach
    void cancel() {
        if (probe != null) {
            probe.cancel();
            assertThat(probe.mistakes()).isEmpty();
        }
    }

    @Test
    void filesAreEntriesWhoseKeysAreTheirPaths() throws Exception {
        write("a", "1");
        write("shop/eu/100%", "2");
        write("shop/empty", "");
        write(".git/config", "hidden");
        write("shop/a~", "copy");
        Files.createDirectories(folder.resolve("nothing"));

        look(SyncDirectory.of(folder).withPrefix("/files"));

        assertThat(probe.set())
                .isEqualTo(Map.of("/files/a", "1", "/files/shop/eu/100%25", "2", "/files/shop/empty", ""));
        assertThat(probe.statuses()).containsExactly(SyncStatus.RESYNC, SyncStatus.IN_SYNC);
        assertThat(probe.heard()).isNotNull();
    }

    @Test
    void equalContentHasEqualRevisionsAndIsNotToldTwice() throws Exception {
        write("a", "1");
        write("b", "1");
        look(SyncDirectory.of(folder));
        assertThat(probe.entry("/a").revision())
                .hasSize(16)
                .isEqualTo(probe.entry("/b").revision());

        write("a", "1");
        later();

        assertThat(probe.updates()).isEqualTo(2);
        assertThat(probe.statuses())
                .endsWith(SyncStatus.RESYNC, SyncStatus.IN_SYNC)
                .hasSize(2);
    }

    @Test
    void changesAndDeletionsAreToldWhenTheDirectoryIsLookedAt() throws Exception {
        write("a", "1");
        write("b/c", "1");
        write("b/d", "1");
        look(SyncDirectory.of(folder));

        write("a", "2");
        Files.delete(folder.resolve("b/c"));
        write("e", "1");
        later();

        assertThat(probe.set()).isEqualTo(Map.of("/a", "2", "/b/d", "1", "/e", "1"));
    }

    @Test
    void aDirectoryThatVanishesIsWaitedForAndItsFilesStay() throws Exception {
        Path inner = folder.resolve("inner");
        write("inner/a", "1");
        write("inner/b", "1");
        look(SyncDirectory.of(inner));

        Files.move(inner, folder.resolve("away"));
        later();
        assertThat(probe.status()).isEqualTo(SyncStatus.WAIT_FOR_DATASTORE);
        assertThat(probe.set()).isEqualTo(Map.of("/a", "1", "/b", "1"));

        write("inner/b", "2");
        write("inner/c", "1");
        later();
        assertThat(probe.set()).isEqualTo(Map.of("/b", "2", "/c", "1"));
        assertThat(probe.statuses())
                .containsExactly(
                        SyncStatus.RESYNC,
                        SyncStatus.IN_SYNC,
                        SyncStatus.WAIT_FOR_DATASTORE,
                        SyncStatus.RESYNC,
                        SyncStatus.IN_SYNC);
    }

    @Test
    void aDirectoryThatIsAFileOrComesLaterIsWaitedFor() throws Exception {
        Path inner = folder.resolve("inner");
        write("inner", "a file");
        look(SyncDirectory.of(inner));
        assertThat(probe.status()).isEqualTo(SyncStatus.WAIT_FOR_DATASTORE);

        Files.delete(inner);
        later();
        write("inner/a", "1");
        later();

        assertThat(probe.set()).isEqualTo(Map.of("/a", "1"));
        assertThat(probe.status()).isEqualTo(SyncStatus.IN_SYNC);
    }

    @Test
    void aFileThatIsTooLargeKeepsTheValueItHadAndCountsOnce() throws Exception {
        write("a", "1234");
        write("b", "12345");
        SyncDirectory source = SyncDirectory.of(folder).withMaxBytes(4);
        look(source);
        assertThat(probe.set()).isEqualTo(Map.of("/a", "1234"));
        assertThat(source.skipped()).isEqualTo(1);

        write("a", "123456");
        later();
        later();
        assertThat(probe.set()).isEqualTo(Map.of("/a", "1234"));
        assertThat(source.skipped()).isEqualTo(2);

        write("a", "12");
        Files.delete(folder.resolve("b"));
        later();
        assertThat(probe.set()).isEqualTo(Map.of("/a", "12"));
        write("a", "123456");
        later();
        assertThat(source.skipped()).isEqualTo(3);
    }

    @Test
    @EnabledOnOs(OS.LINUX) // for what can be opened and not read
    void whatCannotBeReadIsLeftOutAndTheRestIsTold() throws Exception {
        write("a", "1");
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        Files.createSymbolicLink(folder.resolve("broken"), folder.resolve("nowhere"));
        Files.createSymbolicLink(folder.resolve("unreadable"), Path.of("/proc/self/mem"));
        Files.createSymbolicLink(folder.resolve("device"), Path.of("/dev/zero"));
        SyncDirectory source = SyncDirectory.of(folder);

        look(source);

        assertThat(probe.set()).isEqualTo(Map.of("/a", "1"));
        assertThat(probe.status()).isEqualTo(SyncStatus.IN_SYNC);
        assertThat(source.skipped()).isEqualTo(3);
    }

    @Test
    @EnabledOnOs(OS.LINUX) // for what can be opened and not read
    void aFileThatWasReadStaysWhenItCannotBeReadAnyMore() throws Exception {
        write("a/b", "1");
        look(SyncDirectory.of(folder));

        Files.delete(folder.resolve("a/b"));
        Files.createSymbolicLink(folder.resolve("a/b"), Path.of("/proc/self/mem"));
        later();
        assertThat(probe.set()).isEqualTo(Map.of("/a/b", "1"));

        Files.delete(folder.resolve("a/b"));
        later();
        assertThat(probe.set()).isEmpty();
    }

    @Test
    void filesThatAreReplacedByRenamingAreSeenByTheWatch() throws Exception {
        write("a", "1");
        watch();
        probe.awaitSet(Map.of("/a", "1"));

        write(".a.swp", "2");
        Files.move(folder.resolve(".a.swp"), folder.resolve("a"), StandardCopyOption.ATOMIC_MOVE);

        probe.awaitSet(Map.of("/a", "2"));
    }

    @Test
    void directoriesThatComeLaterAreWatchedAsWell() throws Exception {
        watch();
        probe.awaitSet(Map.of());

        write("deep/er/a", "1");
        probe.awaitSet(Map.of("/deep/er/a", "1"));
        write("deep/er/a", "2");
        probe.awaitSet(Map.of("/deep/er/a", "2"));
        Files.delete(folder.resolve("deep/er/a"));
        Files.delete(folder.resolve("deep/er"));
        probe.awaitSet(Map.of());
    }

    @Test
    void aLinkThatIsSwappedAsKubernetesDoesIsSeenByTheWatch() throws Exception {
        write("..v1/a", "1");
        write("..v2/a", "2");
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..v1"));
        Files.createSymbolicLink(folder.resolve("a"), Path.of("..data", "a"));
        watch();
        probe.awaitSet(Map.of("/a", "1"));

        Path swapped = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..v2"));
        Files.move(swapped, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

        probe.awaitSet(Map.of("/a", "2"));
    }

    @Test
    void manyFilesAreToldWhole() throws Exception {
        Map<String, String> expected = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            write(i % 10 + "/" + i, "value " + i);
            expected.put("/" + i % 10 + "/" + i, "value " + i);
        }
        look(SyncDirectory.of(folder));
        assertThat(probe.set()).isEqualTo(expected);
    }

    @Test
    void theWatchEndsWithTheSubscriber() {
        watch();
        await().until(this::isWatched);

        probe.cancel();

        await().until(() -> !isWatched());
    }

    private boolean isWatched() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("headgate-watch-" + folder));
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        SyncDirectory source = SyncDirectory.of(folder);
        assertThatThrownBy(() -> source.withMaxBytes(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxBytes: 0 (expected: 1 or more)");
        assertThatThrownBy(() -> source.withInterval(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("interval: PT0S (expected: above zero)");
    }

    private void look(SyncDirectory source) {
        probe = SetProbe.on(source.withoutWatch().withScheduler(time).events());
        time.advanceTimeBy(Duration.ZERO);
    }

    private void later() {
        time.advanceTimeBy(SyncDirectory.INTERVAL);
    }

    private void watch() {
        probe = SetProbe.on(SyncDirectory.of(folder).withInterval(NEVER).events());
    }

    private void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
