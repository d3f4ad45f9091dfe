package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.function.r2dbc.Postgres;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Gateways and functions are killed by {@code kill -9} at random points while calls are accepted and run. Whatever was answered with
 * 202 has run, which the function itself has written down, and ends recorded, with its whole log. {@code -Dheadgate.crash.seconds=120} and
 * {@code -Dheadgate.crash.seed} have it done for longer and otherwise.
 */
@Timeout(1200)
class CrashTest {

    private static final int SECONDS = Integer.getInteger("headgate.crash.seconds", 2);
    private static final Duration LEASE = Duration.ofSeconds(3); // quick to take over
    private static final long SEED = Long.getLong("headgate.crash.seed", 1);
    private static final int CALLS_PER_SECOND = 150;
    private static final int LEAST_PER_KILL = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60 + SECONDS);

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ChildGateway> all = new ArrayList<>();
    private final Random random = new Random(SEED);

    @TempDir
    private Path directory;

    private Path base;
    private Path nodeRoot;
    private String image;
    private String database;
    private AtomicReferenceArray<ChildGateway> serving;
    private int gatewaysKilled;
    private int functionsKilled;

    @BeforeEach
    void prepare() throws Exception {
        base = directory.resolve("fn");
        image = NodeKit.isPresent() ? "node:record" : GatewayProcess.RECORDER;
        nodeRoot = NodeKit.root("record");
    }

    @AfterEach
    void endAll() throws Exception {
        for (ChildGateway gateway : all) {
            gateway.kill();
        }
    }

    @Test
    void noAcceptedCallIsLostByTwoGatewaysOnOneServer() throws Exception {
        outlives(2, Postgres.start().database());
    }

    @Test
    void noAcceptedCallIsLostByOneGatewayWithAFile() throws Exception {
        outlives(1, "h2:file:" + directory.resolve("calls"));
    }

    private void outlives(int gateways, String url) throws Exception {
        database = url;
        serving = new AtomicReferenceArray<>(gateways);
        for (int i = 0; i < gateways; i++) {
            serving.set(i, start());
        }
        for (int i = 0; i < gateways; i++) {
            serving.get(i).awaitReady();
        }
        ChildGateway first = serving.get(0);
        String app = first.create("/v2/apps", "{\"name\":\"crash\"}");
        String fn = first.create("/v2/fns", fn(app));
        AsyncLoad load = new AsyncLoad(fn, any -> serving.get(any % gateways), SECONDS * CALLS_PER_SECOND).start(SEED);

        killAtRandom(load);

        load.stop();
        allHaveEnded(serving.get(0), fn, load);
        endPolitely(gateways);
    }

    private ChildGateway start() throws Exception {
        Path output = directory.resolve("output-" + all.size());
        ChildGateway started = ChildGateway.start(http, output, database, base, nodeRoot, LEASE);
        all.add(started);
        return started;
    }

    private String fn(String app) {
        return "{\"app_id\":\"" + app + "\",\"name\":\"record\",\"image\":\"" + image + "\",\"timeout\":10"
                + ",\"config\":{\"RUNS\":\"" + directory.resolve("runs") + "\"}}";
    }

    // ---- kills

    private void killAtRandom(AsyncLoad load) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        int next = 0;
        while (System.nanoTime() - end < 0 || next < serving.length()) {
            int before = load.accepted().size();
            int kills = 1 + random.nextInt(3);
            for (int i = 0; i < kills; i++) {
                pause();
                killAFunction();
            }
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> load.isDone() || load.accepted().size() >= before + LEAST_PER_KILL);
            pause();
            killGateway(next++ % serving.length());
        }
    }

    /** The point is to be random. */
    private void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(300)));
    }

    private void killAFunction() throws Exception {
        List<Long> running = await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> FunctionProcesses.below(base), found -> !found.isEmpty());
        FunctionProcesses.signal("KILL", running.get(random.nextInt(running.size())));
        functionsKilled++;
    }

    /** Now and then together with its keeper, so that its functions live on until another gateway finds them. */
    private void killGateway(int number) throws Exception {
        ChildGateway doomed = serving.get(number);
        if (random.nextInt(3) == 0) {
            FunctionProcesses.signal("STOP", doomed.process().pid());
            doomed.process().children().filter(CrashTest::isKeeper).forEach(ProcessHandle::destroyForcibly);
        }
        doomed.kill();
        gatewaysKilled++;
        serving.set(number, start());
        serving.get(number).awaitReady();
    }

    private static boolean isKeeper(ProcessHandle process) {
        return String.join(" ", process.info().arguments().orElse(new String[0]))
                .contains("headgate-keeper");
    }

    // ---- what is left

    private void allHaveEnded(ChildGateway gateway, String fn, AsyncLoad load) throws Exception {
        String calls = "/v2/fns/" + fn + "/calls";
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> isEmpty(gateway, calls, "queued") && isEmpty(gateway, calls, "running"));
        Map<String, Integer> runs = runs();
        int again = runs.values().stream().mapToInt(count -> count - 1).sum();
        String what = String.format(
                "seed %d, %d calls accepted, %d gateways and %d functions killed, %d runs more than calls",
                SEED, load.accepted().size(), gatewaysKilled, functionsKilled, again);
        System.out.println(database.substring(0, database.indexOf(':')) + ": " + what);
        assertThat(load.strange()).as(what).isEmpty();
        assertThat(load.accepted())
                .as(what)
                .hasSizeGreaterThanOrEqualTo(LEAST_PER_KILL)
                .doesNotHaveDuplicates();
        List<String> lost = new ArrayList<>();
        for (String id : load.accepted()) {
            String state = state(gateway, calls + "/" + id);
            if (!state.equals("success") || !runs.containsKey(id)) {
                lost.add(id + ": " + state + ", runs: " + runs.getOrDefault(id, 0));
            }
        }
        assertThat(lost).as(what).isEmpty();
    }

    private static String state(ChildGateway gateway, String path) throws InterruptedException {
        try {
            String state = gateway.get(path).get("status").asString();
            return state.equals("success") ? whole(gateway, path) : state;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** What an instance prints for one call neither is missing nor comes with the next. */
    private static String whole(ChildGateway gateway, String path) throws IOException, InterruptedException {
        String id = path.substring(path.lastIndexOf('/') + 1);
        if (!gateway.get(path + "/result").get("ran").asString().equals(id)) {
            return "the result of another one";
        }
        String log = gateway.get(path + "/log", "text/plain");
        return log.equals("run of " + id + "\nend of " + id + "\n") ? "success" : "log: " + log;
    }

    private static boolean isEmpty(ChildGateway gateway, String calls, String status) throws Exception {
        JsonNode page = gateway.get(calls + "?per_page=1&status=" + status);
        return page.get("items").isEmpty();
    }

    private Map<String, Integer> runs() throws IOException {
        Map<String, Integer> runs = new HashMap<>();
        for (String id : Files.readAllLines(directory.resolve("runs"))) {
            runs.merge(id, 1, Integer::sum);
        }
        return runs;
    }

    private void endPolitely(int gateways) throws Exception {
        for (int i = 0; i < gateways; i++) {
            serving.get(i).process().destroy();
        }
        for (int i = 0; i < gateways; i++) {
            ChildGateway ending = serving.get(i);
            assertThat(ending.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(ending.output())
                    .contains("ended")
                    .doesNotContain("ERROR")
                    .doesNotContain("LEAK:");
        }
        assertThat(FunctionProcesses.below(base)).isEmpty();
        assertThat(base).isEmptyDirectory();
    }
}
