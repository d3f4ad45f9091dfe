package io.headgate.samples.function;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** The instances of an application as the page {@code /functions} of an admin server shows them. */
public final class InstancePage {

    private static final List<String> STATES = List.of("wait", "start", "idle", "paused", "busy", "stopping");
    private static final List<String> LIVING = List.of("start", "idle", "paused", "busy");

    private final FnClient admin;
    private final String app;

    /** What one application has, as an admin server says. */
    public InstancePage(FnClient admin, String app) {
        this.admin = admin;
        this.app = app;
    }

    private Stream<JsonNode> queues() {
        return stream(admin.get("/functions").path("functions"))
                .flatMap(functions -> stream(functions.path("queues")))
                .filter(queue -> queue.path("app").asString().equals(app));
    }

    private static Stream<JsonNode> stream(JsonNode items) {
        return StreamSupport.stream(items.spliterator(), false);
    }

    /** How many instances a function has that live, of whatever configuration. */
    public int count(String fn) {
        return queues().filter(queue -> queue.path("fn").asString().equals(fn))
                .mapToInt(queue -> LIVING.stream()
                        .mapToInt(state -> queue.path("instances").path(state).asInt())
                        .sum())
                .sum();
    }

    /** A line for each configuration of each function, with its instances by state. */
    public List<String> lines() {
        return queues().map(InstancePage::line).toList();
    }

    private static String line(JsonNode queue) {
        String instances = STATES.stream()
                .filter(state -> queue.path("instances").path(state).asInt() > 0)
                .map(state -> queue.path("instances").path(state).asInt() + " " + state)
                .collect(Collectors.joining(", "));
        return queue.path("fn").asString() + ", " + queue.path("image").asString() + ": "
                + (instances.isEmpty() ? "no instances" : instances) + "; "
                + queue.path("granted").asInt() + " calls";
    }
}
