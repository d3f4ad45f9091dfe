package io.headgate.samples;

import io.headgate.samples.function.DemoFunction;
import io.headgate.samples.function.FnClient;
import io.headgate.samples.function.FnFailure;
import io.headgate.samples.function.FunctionTrial;
import io.headgate.samples.function.InstancePage;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** Makes functions through the API, calls them in every way, and says what came of it. */
final class FunctionsDemonstration {

    /** The application; made anew each time. */
    static final String APP = "headgate-demo";

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int AT_ONCE = 4;
    private static final Pattern SHOWN = Pattern.compile("fn_(calls|completed)_total\\{.*");

    /** Something that says in a line what came of it, or fails. */
    private interface Work {
        String done() throws InterruptedException;
    }

    private final FnClient server;
    private final FnClient admin;
    private final String adminUrl;
    private final InstancePage instances;
    private final PrintWriter out;
    private boolean allMet = true;

    FunctionsDemonstration(String url, String adminUrl, PrintWriter out) {
        this.server = FnClient.of(url);
        this.admin = FnClient.of(adminUrl);
        this.adminUrl = adminUrl;
        this.instances = new InstancePage(admin, APP);
        this.out = out;
    }

    /** Returns whether all was as expected. */
    boolean run(List<DemoFunction> demos) throws InterruptedException {
        out.println();
        if (step("an application", this::app)) {
            for (DemoFunction demo : demos) {
                show(demo);
            }
            pages();
        }
        return allMet;
    }

    private boolean step(String what, Work work) throws InterruptedException {
        long began = System.nanoTime();
        String line;
        boolean met = false;
        try {
            line = work.done();
            met = true;
        } catch (FnFailure e) {
            line = String.valueOf(e.getMessage());
        }
        long millis = (System.nanoTime() - began) / 1_000_000;
        out.println((met ? "ok   " : "FAIL ") + what + ": " + line + ", " + millis + " ms");
        allMet &= met;
        return met;
    }

    private String app() {
        boolean wasThere = !server.list("/v2/apps?name=" + APP).isEmpty(); // a database may be older than this
        if (wasThere) {
            server.delete("/v2/apps/" + FnClient.id(server.app(APP)));
        }
        server.post("/v2/apps", JsonMapper.shared().createObjectNode().put("name", APP));
        return APP + (wasThere ? " is made anew" : " is made");
    }

    private void show(DemoFunction demo) throws InterruptedException {
        out.println();
        out.println(demo.name() + ": " + demo.what());
        FunctionTrial trial = new FunctionTrial(server, APP, demo);
        if (step("made through the API", trial::create)) {
            step("called by its id", trial::invoke);
            step("called by its trigger", trial::trigger);
            step("called without waiting", () -> later(trial));
            step("changed through the API", trial::slow);
            step(AT_ONCE + " calls at once", () -> scaled(trial, demo));
            if (demo.isProcess()) {
                step("a process killed", () -> killed(trial, demo));
                step("called again", trial::survivor);
            }
        }
    }

    private static String later(FunctionTrial trial) throws InterruptedException {
        String call = trial.accept();
        if (!Until.met(() -> trial.status(call).equals("success"), PATIENCE)) {
            throw new FnFailure("call " + call + ": " + trial.status(call) + " (expected: success)");
        }
        return trial.result(call);
    }

    private String scaled(FunctionTrial trial, DemoFunction demo) {
        String answers = trial.together(AT_ONCE);
        int count = instances.count(demo.name());
        if (count < 2) {
            throw new FnFailure("instances: " + count + " (expected: 2 or more)");
        }
        return answers + ", " + count + " instances";
    }

    private String killed(FunctionTrial trial, DemoFunction demo) throws InterruptedException {
        int before = instances.count(demo.name());
        long process = trial.kill();
        if (!Until.met(() -> instances.count(demo.name()) < before, PATIENCE)) {
            throw new FnFailure("instances: " + before + " (expected: fewer without process " + process + ")");
        }
        return "process " + process + ", " + instances.count(demo.name()) + " of " + before + " instances are left";
    }

    private void pages() {
        out.println();
        out.println("admin pages");
        page("/functions", instances.lines());
        page("/metrics", get("/metrics").filter(SHOWN.asMatchPredicate()).toList());
        page("/ready", get("/ready").toList());
    }

    private Stream<String> get(String path) {
        return admin.send("GET", path, new byte[0]).orFailure().text().lines();
    }

    private void page(String path, List<String> lines) {
        out.println("  " + adminUrl + path);
        lines.forEach(line -> out.println("    " + line));
        allMet &= !lines.isEmpty();
    }
}
