package io.headgate.function.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts that decide, each by itself. */
class DispatchRulesTest {

    @Test
    void oneMoreIsLaunchedWhenMoreCallsWaitThanSlotsAreFreeOrOnTheirWay() {
        assertThat(LaunchRule.startsOne(0, 0, 0, 1)).as("no waiters").isFalse();
        assertThat(LaunchRule.startsOne(1, 0, 0, 1)).as("a waiter").isTrue();
        assertThat(LaunchRule.startsOne(2, 0, 2, 1))
                .as("starters equal waiters")
                .isFalse();
        assertThat(LaunchRule.startsOne(2, 0, 3, 1))
                .as("more starters than waiters")
                .isFalse();
        assertThat(LaunchRule.startsOne(2, 2, 0, 1)).as("idle equal waiters").isFalse();
        assertThat(LaunchRule.startsOne(2, 3, 0, 1))
                .as("more idle than waiters")
                .isFalse();
        assertThat(LaunchRule.startsOne(3, 1, 1, 1))
                .as("less idle and starters than waiters")
                .isTrue();
        assertThat(LaunchRule.startsOne(4, 0, 1, 4)).as("an instance for four").isFalse();
        assertThat(LaunchRule.startsOne(5, 0, 1, 4)).as("a fifth").isTrue();
    }

    @Test
    void theOldestAreEvictedUntilBothNeedsAreMet() {
        List<Candidate> candidates = List.of(new Candidate(2, 1), new Candidate(2, 1), new Candidate(9, 9));
        assertThat(Evictor.choose(candidates, 3, 1)).containsExactly(candidates.get(0), candidates.get(1));
        assertThat(candidates.get(2).seized).isFalse();
    }

    @Test
    void allOrNothingIsEvicted() {
        List<Candidate> candidates = List.of(new Candidate(2, 1), new Candidate(2, 1));
        assertThat(Evictor.choose(candidates, 4, 3)).isEmpty();
        assertThat(Evictor.choose(candidates, 5, 0)).isEmpty();
        assertThat(candidates).noneMatch(candidate -> candidate.seized);
        assertThat(Evictor.choose(candidates, 4, 2)).hasSize(2);
    }

    @Test
    void busyOnesAreSkipped() {
        List<Candidate> candidates = List.of(new Candidate(2, 1), new Candidate(2, 1), new Candidate(2, 1));
        candidates.get(0).busy = true;
        assertThat(Evictor.choose(candidates, 4, 0)).containsExactly(candidates.get(1), candidates.get(2));
    }

    private static final class Candidate implements Evictor.Evictable {

        private final long memory;
        private final long cpu;
        private boolean busy;
        private boolean seized;

        Candidate(long memory, long cpu) {
            this.memory = memory;
            this.cpu = cpu;
        }

        @Override
        public long memoryBytes() {
            return memory;
        }

        @Override
        public long cpuMillis() {
            return cpu;
        }

        @Override
        public boolean seize() {
            seized = !busy;
            return seized;
        }

        @Override
        public void letGo() {
            seized = false;
        }
    }

    @Test
    void instancesGoForwardOrBackToRestOnly() {
        Set<String> back = new HashSet<>();
        for (InstanceState from : InstanceState.values()) {
            for (InstanceState to : InstanceState.values()) {
                if (to.compareTo(from) > 0) {
                    assertThat(from.mayBecome(to)).as(from + " to " + to).isTrue();
                } else if (from.mayBecome(to)) {
                    back.add(from + " " + to);
                }
            }
        }
        assertThat(back).containsExactlyInAnyOrder("PAUSED IDLE", "BUSY IDLE", "BUSY PAUSED");
    }

    @Test
    void theTimeoutBoundsTheRunAlone() {
        assertThat(TimeoutPolicy.RUN.slotDeadline(100, 50, 1000)).isEqualTo(1000);
        assertThat(TimeoutPolicy.RUN.slotDeadline(100, 50, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(TimeoutPolicy.RUN.runDeadline(100, 900, 50, Long.MAX_VALUE)).isEqualTo(950);
        assertThat(TimeoutPolicy.RUN.runDeadline(100, 980, 50, 1000)).isEqualTo(1000);
        assertThat(TimeoutPolicy.RUN.mayStart(100, 990, 50)).isTrue();
    }

    @Test
    void theTimeoutBoundsTheWholeCallAndHalfOfItTheWait() {
        assertThat(TimeoutPolicy.HALF_FOR_WAITING.slotDeadline(100, 50, 1000)).isEqualTo(125);
        assertThat(TimeoutPolicy.HALF_FOR_WAITING.slotDeadline(100, 50, 110)).isEqualTo(110);
        assertThat(TimeoutPolicy.HALF_FOR_WAITING.runDeadline(100, 120, 50, 1000))
                .isEqualTo(150);
    }

    @Test
    void aCallIsNotStartedWhenHalfOfItsTimeIsOver() {
        assertThat(TimeoutPolicy.WHOLE_CALL.slotDeadline(100, 50, 1000)).isEqualTo(150);
        assertThat(TimeoutPolicy.WHOLE_CALL.mayStart(100, 125, 50)).isTrue();
        assertThat(TimeoutPolicy.WHOLE_CALL.mayStart(100, 126, 50)).isFalse();
        assertThat(TimeoutPolicy.WHOLE_CALL.runDeadline(100, 120, 50, 1000)).isEqualTo(150);
        long late = Long.MAX_VALUE - 10;
        assertThat(TimeoutPolicy.WHOLE_CALL.mayStart(late, late + 26, 50))
                .as("the clock overflows")
                .isFalse();
    }

    @Test
    void theKeyChangesWithEverythingThatMattersToAnInstance() {
        App app = new App("a", "app", Map.of("k", "v"), Annotations.NONE, null, Instant.EPOCH, Instant.EPOCH);
        Fn fn = Fn.of("a", "fn", "image");
        List<SlotKey> keys = new ArrayList<>();
        keys.add(SlotKey.of(app, fn));
        keys.add(SlotKey.of(
                new App("a", "app", Map.of("kv", ""), Annotations.NONE, null, Instant.EPOCH, Instant.EPOCH), fn));
        keys.add(SlotKey.of(
                new App("a", "app", app.config(), Annotations.NONE, "tcp://l", Instant.EPOCH, Instant.EPOCH), fn));
        keys.add(SlotKey.of(
                new App(
                        "a",
                        "app",
                        app.config(),
                        new Annotations(Map.of("x", "1")),
                        null,
                        Instant.EPOCH,
                        Instant.EPOCH),
                fn));
        keys.add(SlotKey.of(app, changed(fn, "image2", 128, 30, 30, Map.of())));
        keys.add(SlotKey.of(app, changed(fn, "image", 129, 30, 30, Map.of())));
        keys.add(SlotKey.of(app, changed(fn, "image", 128, 31, 30, Map.of())));
        keys.add(SlotKey.of(app, changed(fn, "image", 128, 30, 31, Map.of())));
        keys.add(SlotKey.of(app, changed(fn, "image", 128, 30, 30, Map.of("k", "v"))));
        assertThat(keys).doesNotHaveDuplicates();
        App touched = new App("a", "app", Map.of("k", "v"), Annotations.NONE, null, Instant.EPOCH, Instant.now());
        assertThat(SlotKey.of(touched, fn)).isEqualTo(keys.get(0)).hasSameHashCodeAs(keys.get(0));
        assertThat(keys.get(0).toString()).matches("[0-9a-f]{64}");
    }

    private static Fn changed(Fn fn, String image, int memory, int timeout, int idle, Map<String, String> config) {
        return new Fn(
                "", "a", "fn", image, memory, timeout, idle, config, fn.annotations(), fn.createdAt(), fn.updatedAt());
    }

    @Test
    void settingsSayWhatIsWrong() {
        DispatchSettings settings = DispatchSettings.of(MachineBudget.of(1024, 2));
        assertThatThrownBy(() -> settings.withHotPoll(Duration.ZERO))
                .hasMessage("hotPoll: PT0S (expected: 1 ms to 365 days)");
        assertThatThrownBy(() -> settings.withFreezeAfter(Duration.ofMillis(-1)))
                .hasMessage("freezeAfter: PT-0.001S (expected: 0 to 365 days, or null for never)");
        assertThatThrownBy(() -> MachineBudget.of(0, 1)).hasMessage("memoryBytes: 0 (expected: more than 0)");
    }

    @Test
    void timersOfAnExecutorRunTasksAndCallThemOff() throws InterruptedException {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        CountDownLatch ran = new CountDownLatch(1);
        boolean[] cancelled = new boolean[1];
        try {
            Timers timers = Timers.of(executor);
            timers.schedule(() -> cancelled[0] = true, TimeUnit.HOURS.toNanos(1))
                    .cancel();
            timers.schedule(ran::countDown, 0);
            assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            assertThat(executor.shutdownNow()).hasSizeLessThanOrEqualTo(1);
        }
        assertThat(cancelled[0]).isFalse();
    }

    @Test
    void theBudgetIsWhatTheControlGroupLeaves(@TempDir Path root) throws Exception {
        write(root, "proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable:    8000000 kB\n");
        write(root, "proc/self/cgroup", "0::/a/b\n");
        write(root, "sys/fs/cgroup/a/b/memory.max", "max\n");
        write(root, "sys/fs/cgroup/a/memory.max", "4000000000\n");
        write(root, "sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
        assertThat(MachineBudget.detect(root, 8)).isEqualTo(new MachineBudget(3_600_000_000L, 1500));
    }

    @Test
    void theBudgetKnowsControlGroupsOfTheFirstVersion(@TempDir Path root) throws Exception {
        write(root, "proc/meminfo", "MemAvailable: 8000000 kB\n");
        write(root, "proc/self/cgroup", "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n");
        write(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000000\n");
        write(root, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
        write(root, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
        long headroom = 256L * 1024 * 1024;
        assertThat(MachineBudget.detect(root, 2)).isEqualTo(new MachineBudget(1_000_000_000L - headroom, 2000));
    }

    @Test
    void twoGigabytesAreAssumedElsewhereAndTooLittleIsAnError(@TempDir Path root) throws Exception {
        assertThat(MachineBudget.detect(root, 2).memoryBytes()).isEqualTo(2_147_483_648L - 268_435_456);
        assertThat(MachineBudget.of(512, 4).atMost(MachineBudget.of(1024, 2))).isEqualTo(MachineBudget.of(512, 2));
        write(root, "proc/meminfo", "MemAvailable: 500000 kB\n");
        assertThatThrownBy(() -> MachineBudget.detect(root, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected: more than 268435456");
    }

    private static void write(Path root, String file, String text) throws Exception {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
