package io.headgate.function.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Processes of the shell; where one must answer, the test does it in its place. */
@Timeout(30)
class ProcessDriverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofMinutes(10);

    /** Says where it shall listen, then becomes a process that only waits. */
    private static final String WAIT = "echo listen=$FN_LISTENER; exec sleep 100";

    @TempDir
    private Path base;

    @TempDir
    private Path functions;

    private final Printed printed = new Printed();
    private ProcessDriver driver;

    @BeforeEach
    void open() {
        driver = ProcessDriver.open(spec()).block(PATIENCE);
    }

    @AfterEach
    void close() {
        driver.close().block(PATIENCE);
        assertThat(base).isEmptyDirectory();
    }

    private ProcessDriverSpec spec() {
        return ProcessDriverSpec.DEFAULTS
                .withBase(base)
                .withNodeRoot(functions)
                .withImage("script", new ProcessImage(functions, List.of("sh", "-c", "eval \"$SCRIPT\"")));
    }

    private InstanceSpec script(String script, Duration startTimeout) {
        return new InstanceSpec("i", "script", 64, Map.of("SCRIPT", script), startTimeout, printed);
    }

    /** An instance whose process has done what the script says up to {@link #WAIT}, and a socket that answers for it. */
    private Instance ready(String script) throws IOException {
        CompletableFuture<Instance> started =
                driver.start(script(script + WAIT, PATIENCE)).toFuture();
        UnixPeer.become(listener(), (number, wire) -> {
            while (wire.head() != null) {
                wire.write(UnixPeer.OK);
            }
        });
        return started.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private Path listener() {
        return Path.of(printed.line("listen=unix:"));
    }

    private static ConditionFactory patiently() {
        return await().pollInterval(Duration.ofMillis(5)).atMost(PATIENCE);
    }

    private static void awaitGone(long pid) {
        patiently().until(() -> Pids.isGone(pid));
    }

    private static void assertFails(Runnable start, ErrorKind kind, String message) {
        assertThatThrownBy(start::run)
                .isInstanceOfSatisfying(
                        FunctionException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }

    private void assertStartFails(String script, ErrorKind kind, String message) {
        assertFails(() -> driver.start(script(script, PATIENCE)).block(PATIENCE), kind, message);
        assertThat(base.toFile().listFiles()[0].list()).containsExactly("owner");
    }

    @Test
    void aProcessHasTheEnvironmentOfItsInstanceAndThePathOnly() throws IOException {
        InstanceSpec instance = new InstanceSpec(
                "i",
                "env",
                64,
                Map.of("FN_MEMORY", "64", "dotted.name", "two\nlines", "FN_LISTENER", "not yours"),
                PATIENCE,
                printed);
        ProcessDriver other = ProcessDriver.open(
                        spec().withImage("env", new ProcessImage(functions, List.of("sh", "-c", "env -0"))))
                .block(PATIENCE);
        assertFails(() -> other.start(instance).block(PATIENCE), ErrorKind.START_FAILED, "exited with 0 before");
        other.close().block(PATIENCE);
        Map<String, String> seen = Stream.of(printed.text().split("\0"))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> a, TreeMap::new));
        seen.remove("PWD"); // the shell's own
        assertThat(seen.remove("FN_LISTENER")).startsWith("unix:" + base).endsWith("/lsnr.sock");
        assertThat(seen)
                .containsEntry("PATH", System.getenv("PATH"))
                .containsEntry("FN_FORMAT", "http-stream")
                .containsEntry("FN_MEMORY", "64")
                .doesNotContainKey("HOME");
    }

    @Test
    void anInstanceIsReadyWithItsLinkAndCanBeCalled() throws IOException {
        Instance instance = ready("");
        assertThat(instance.call(new InstanceRequest(Fields.empty(), Body.empty()))
                        .flatMap(reply -> reply.body().asString(9))
                        .block(PATIENCE))
                .isEqualTo("ok");
        instance.stop(LONG).block(PATIENCE);
        assertThat(listener().getParent()).doesNotExist();
        assertThat(instance.ended().block(PATIENCE)).isEqualTo("stopped");
        instance.stop(LONG).block(PATIENCE);
    }

    @Test
    void aLinkOutOfTheDirectoryOrToNoSocketFailsTheStart() {
        String path = "p=${FN_LISTENER#unix:}; ";
        assertStartFails(path + "ln -s ../x $p; exec sleep 9", ErrorKind.START_FAILED, "links to ../x");
        assertStartFails(path + "ln -s /tmp/x $p; exec sleep 9", ErrorKind.START_FAILED, "links to /tmp/x");
        assertStartFails(path + "echo >$p.tmp; ln -s lsnr.sock.tmp $p; sleep 9", ErrorKind.START_FAILED, "no socket");
        assertStartFails(path + "ln -s gone $p; exec sleep 9", ErrorKind.START_FAILED, "no socket");
        assertStartFails(path + "mkdir $p; exec sleep 9", ErrorKind.START_FAILED, "no socket");
    }

    @Test
    void aProcessThatEndsBeforeItIsReadySaysHow() {
        assertStartFails("exit 3", ErrorKind.START_FAILED, "exited with 3 before it was ready");
        assertStartFails("kill -s KILL $$", ErrorKind.START_FAILED, "killed by signal 9 before it was ready");
        assertStartFails("exec /nowhere/at/all", ErrorKind.START_FAILED, "exited with 127 before it was ready");
    }

    @Test
    void aProcessThatIsNotReadyInTimeIsKilled() {
        assertFails(
                () -> driver.start(script("trap '' TERM; echo pid=$$; sleep 100", Duration.ofMillis(100)))
                        .block(PATIENCE),
                ErrorKind.START_TIMED_OUT,
                "not ready after 100 ms");
        awaitGone(Long.parseLong(printed.line("pid=")));
    }

    @Test
    void aStartThatIsCancelledLeavesNothing() {
        Disposable start =
                driver.start(script("echo pid=$$; " + WAIT, PATIENCE)).subscribe();
        Path directory = listener().getParent();
        assertThat(directory).exists();
        start.dispose();
        awaitGone(Long.parseLong(printed.line("pid=")));
        patiently().until(() -> Files.notExists(directory));
    }

    @Test
    void imagesThatAreNotThereAreNotFound(@TempDir Path outside) throws IOException {
        Files.createFile(functions.resolve("func.js"));
        Files.createFile(outside.resolve("func.js"));
        Files.createSymbolicLink(functions.resolve("link"), outside);
        for (String image :
                new String[] {"other", "node:", "node:.", "node:none", "node:../x", "node:link", "node:\0"}) {
            InstanceSpec instance = new InstanceSpec("i", image, 64, Map.of(), PATIENCE, printed);
            assertFails(() -> driver.start(instance).block(PATIENCE), ErrorKind.IMAGE_NOT_FOUND, "image: ");
        }
        assertThat(driver.runs("node:any")).isTrue();
        assertThat(driver.runs("script")).isTrue();
        assertThat(driver.runs("docker/any")).isFalse();
    }

    @Test
    void aBaseThatIsTooLongForSocketsIsRefused() {
        Path deep = base.resolve("d".repeat(60));
        assertThatThrownBy(() -> ProcessDriver.open(ProcessDriverSpec.DEFAULTS.withBase(deep))
                        .block(PATIENCE))
                .hasRootCauseInstanceOf(IOException.class)
                .hasRootCauseMessage("base: " + deep + ", " + deep.toString().length()
                        + " bytes (expected: at most " + room()
                        + ", so that the path of a socket below it has at most 100)");
    }

    private static int room() {
        return 100
                - ("/" + Workspace.ownPrefix() + Integer.toString(Integer.MAX_VALUE, 36) + "/zzzzzzz/lsnr.sock")
                        .length();
    }

    @Test
    void aPoliteProcessEndsBeforeItsGraceIsOver() throws IOException {
        Instance instance = ready("trap 'echo bye; exit' TERM; sleep 100 & ");
        instance.freeze().block(PATIENCE);
        instance.stop(LONG).block(PATIENCE);
        assertThat(instance.ended().block(PATIENCE)).isEqualTo("stopped");
    }

    @Test
    void whatIgnoresTheTermAndWhatLeavesTheGroupIsKilled() throws IOException {
        Instance instance =
                ready("trap '' TERM; sleep 100 & echo child=$!; " + "setsid sh -c 'echo daemon=$$; exec sleep 100' & ");
        long child = Long.parseLong(printed.line("child="));
        long daemon = Long.parseLong(printed.line("daemon="));
        instance.stop(Duration.ofMillis(50)).block(PATIENCE);
        awaitGone(child);
        awaitGone(daemon);
        assertThat(listener().getParent()).doesNotExist();
    }

    @Test
    void aProcessThatDiesTakesItsChildrenAlong() throws IOException {
        Instance instance = ready("echo pid=$$; sleep 100 & echo child=$!; ");
        ProcessHandle.of(Long.parseLong(printed.line("pid="))).orElseThrow().destroyForcibly();
        assertThat(instance.ended().block(PATIENCE)).isEqualTo("killed by signal 9");
        instance.stop(Duration.ZERO).block(PATIENCE);
        awaitGone(Long.parseLong(printed.line("child=")));
        assertThat(listener().getParent()).doesNotExist();
    }

    @Test
    void aProcessThatDiesIsToldOfBeforeAllThatItLeavesHasBeenClearedUp() throws IOException {
        driver.close().block(PATIENCE);
        VirtualTimeScheduler standing = VirtualTimeScheduler.create();
        driver = ProcessDriver.open(spec().withTimers(standing)).block(PATIENCE);
        Instance instance = ready("echo pid=$$; setsid sh -c 'echo daemon=$$; exec sleep 100' & ");
        long daemon = Long.parseLong(printed.line("daemon=")); // holds the output, until the patience with it is over
        ProcessHandle.of(Long.parseLong(printed.line("pid="))).orElseThrow().destroyForcibly();

        assertThat(instance.ended().block(PATIENCE)).isEqualTo("killed by signal 9");
        patiently().until(() -> {
            standing.advanceTimeBy(LONG);
            return Pids.isGone(daemon);
        });
        instance.stop(Duration.ZERO).block(PATIENCE);
        assertThat(listener().getParent()).doesNotExist();
    }

    @Test
    void whoeverLeavesWhenTheInstanceBecomesReadyLeavesNothing() throws IOException {
        driver.close().block(PATIENCE);
        Disposable.Swap start = Disposables.swap();
        driver = ProcessDriver.open(spec().withTimers(
                                new Scheduler() { // leaves when the time to start is called off
                                    @Override
                                    public Disposable schedule(Runnable task) {
                                        return Schedulers.parallel().schedule(task);
                                    }

                                    @Override
                                    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
                                        return start;
                                    }

                                    @Override
                                    public Worker createWorker() {
                                        return Schedulers.parallel().createWorker();
                                    }
                                }))
                .block(PATIENCE);
        start.update(driver.start(script("echo pid=$$; " + WAIT, PATIENCE)).subscribe());
        Path directory = listener().getParent();
        UnixPeer.become(listener(), (number, wire) -> {});

        awaitGone(Long.parseLong(printed.line("pid=")));
        patiently().until(() -> Files.notExists(directory));
    }

    @Test
    void aFreezeStopsTheWholeGroupUntilItGoesOn() throws IOException {
        Instance instance = ready("echo pid=$$; sleep 100 & echo child=$!; ");
        List<Long> group = List.of(Long.parseLong(printed.line("pid=")), Long.parseLong(printed.line("child=")));
        instance.freeze().block(PATIENCE);
        group.forEach(pid -> patiently().until(() -> Pids.state(pid) == 'T'));
        instance.unfreeze().block(PATIENCE);
        group.forEach(pid -> patiently().until(() -> Pids.state(pid) == 'S'));
        instance.stop(Duration.ZERO).block(PATIENCE);
        assertThatThrownBy(() -> instance.freeze().block(PATIENCE)).hasMessageContaining("instance: gone");
    }

    @Test
    void bothStreamsAreTakenWhileNobodyCalls() throws IOException {
        Instance instance =
                ready("head -c 300000 /dev/zero | tr '\\0' 'a'; head -c 300000 /dev/zero | tr '\\0' 'b' >&2; echo; ");
        assertThat(printed.text()).startsWith("a".repeat(300_000) + "b".repeat(300_000) + "\n");
        instance.stop(Duration.ZERO).block(PATIENCE);
    }

    @Test
    void anOutputThatFailsDoesNotStopTheProcess() {
        InstanceSpec spec = new InstanceSpec(
                "i", "script", 64, Map.of("SCRIPT", "head -c 300000 /dev/zero; exit 4"), PATIENCE, bytes -> {
                    throw new IllegalStateException("full");
                });
        assertFails(() -> driver.start(spec).block(PATIENCE), ErrorKind.START_FAILED, "exited with 4");
    }

    @Test
    void aKeeperThatIsKilledIsReplacedAndKnowsAllGroups() throws IOException {
        Instance instance = ready("echo pid=$$; ");
        long pid = Long.parseLong(printed.line("pid="));
        ProcessHandle keeper = keeper();
        keeper.destroyForcibly();
        patiently().until(() -> !keeper().equals(keeper));
        patiently().ignoreExceptions().until(() -> {
            instance.freeze().block(PATIENCE);
            return Pids.state(pid) == 'T';
        });
        instance.stop(LONG).block(PATIENCE);
    }

    private ProcessHandle keeper() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.isAlive()
                        && Arrays.stream(child.info().arguments().orElse(new String[0]))
                                .anyMatch(argument -> argument.startsWith(base.toString())))
                .findFirst()
                .orElse(ProcessHandle.current());
    }

    @Test
    void closingEndsEveryInstanceAndStartsNoMore() throws IOException {
        Instance instance = ready("echo pid=$$; ");
        driver.close().block(PATIENCE);
        assertThat(instance.ended().block(PATIENCE)).isEqualTo("stopped");
        awaitGone(Long.parseLong(printed.line("pid=")));
        assertFails(() -> driver.start(script(WAIT, PATIENCE)).block(PATIENCE), ErrorKind.BUSY, "driver: closed");
    }
}
