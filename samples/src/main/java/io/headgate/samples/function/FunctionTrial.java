package io.headgate.samples.function;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Tries a function in every way, by HTTP alone. Each part says in a line what came of it, or fails with an {@link FnFailure}. */
public final class FunctionTrial {

    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final String PAUSE_MS = "300";

    private final FnClient server;
    private final String app;
    private final DemoFunction demo;
    private final List<Long> processes = new ArrayList<>();
    private String id = "";

    /** For a function of an application that is there. */
    public FunctionTrial(FnClient server, String app, DemoFunction demo) {
        this.server = server;
        this.app = app;
        this.demo = demo;
    }

    private static ObjectNode object() {
        return JsonMapper.shared().createObjectNode();
    }

    /** Creates it, and a trigger for it. */
    public String create() {
        String appId = FnClient.id(server.app(app));
        ObjectNode fn = object().put("app_id", appId).put("name", demo.name()).put("image", demo.image());
        id = FnClient.id(server.post("/v2/fns", fn));
        server.post(
                "/v2/triggers",
                object().put("app_id", appId)
                        .put("fn_id", id)
                        .put("name", demo.name())
                        .put("type", "http")
                        .put("source", demo.source()));
        return "image " + demo.image() + ", trigger " + demo.source();
    }

    /** Calls it by its id. */
    public String invoke() {
        return called("/invoke/" + id);
    }

    /** Calls it by a path that its trigger takes. */
    public String trigger() {
        return called("/t/" + app + demo.path());
    }

    private String called(String path) {
        return "POST " + path + " -> " + answer(path).text().strip();
    }

    private FnReply answer(String path) {
        FnReply reply = server.send("POST", path, demo.bytes()).orFailure();
        if (reply.status() != OK || !reply.text().contains(demo.answer())) {
            throw new FnFailure(
                    "answer: " + reply.status() + " " + reply.text() + " (expected: 200 with " + demo.answer() + ")");
        }
        return reply;
    }

    /** Has a call recorded; returns its id. */
    public String accept() {
        FnReply reply = server.send("POST", "/invoke/" + id, demo.bytes(), "fn-invoke-type", "async")
                .orFailure();
        if (reply.status() != ACCEPTED || reply.callId() == null) {
            throw new FnFailure("answer: " + reply.status() + " (expected: 202 with the id of the call)");
        }
        return reply.callId();
    }

    private String path(String call) {
        return "/v2/fns/" + id + "/calls/" + call;
    }

    /** What became of a recorded call so far. */
    public String status(String call) {
        return server.get(path(call)).path("status").asString();
    }

    /** The result of a recorded call, and what it has printed. */
    public String result(String call) {
        String result = server.send("GET", path(call) + "/result", new byte[0])
                .orFailure()
                .text()
                .strip();
        String log = server.get(path(call) + "/log").path("log").asString().strip();
        return "202, and later " + status(call) + ": " + result + (log.isEmpty() ? "" : ", which has printed: " + log);
    }

    /** Has it take its time from now on. Instances that have been told otherwise when they were started get no more calls. */
    public String slow() {
        ObjectNode config = object().put("PAUSE_MS", PAUSE_MS);
        return "config "
                + server.put("/v2/fns/" + id, object().set("config", config)).path("config");
    }

    /** Calls it several times at once. */
    public String together(int calls) {
        List<CompletableFuture<FnReply>> started = Stream.generate(
                        () -> CompletableFuture.supplyAsync(() -> answer("/invoke/" + id)))
                .limit(calls)
                .toList();
        List<FnReply> replies = started.stream().map(FunctionTrial::joined).toList();
        if (!demo.isProcess()) {
            return replies.size() + " answers";
        }
        replies.stream().map(FunctionTrial::process).distinct().forEach(processes::add);
        return "processes " + processes.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static FnReply joined(CompletableFuture<FnReply> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof FnFailure failure ? failure : e;
        }
    }

    private static long process(FnReply reply) {
        return reply.json().path("process").asLong();
    }

    /** Kills one of the processes that have answered; returns which. */
    public long kill() {
        long process = processes.remove(0);
        ProcessHandle handle = ProcessHandle.of(process)
                .orElseThrow(() -> new FnFailure("process: " + process + " (expected: one that runs)"));
        if (!handle.destroyForcibly()) {
            throw new FnFailure("process: " + process + " (expected: one that can be killed)");
        }
        return process;
    }

    /** Calls it once more. */
    public String survivor() {
        return "process " + process(answer("/invoke/" + id)) + " answers";
    }
}
