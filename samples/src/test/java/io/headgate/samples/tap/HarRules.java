package io.headgate.samples.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What HAR 1.2 asks for: the fields that must be there with their types, those that may be, and what they must say. */
final class HarRules {

    private static final Map<String, String> LOG = Map.of("version", "text", "creator", "object", "entries", "list");
    private static final Map<String, String> CREATOR = Map.of("name", "text", "version", "text");
    private static final Map<String, String> PAGE =
            Map.of("startedDateTime", "text", "id", "text", "title", "text", "pageTimings", "object");
    private static final Map<String, String> ENTRY = Map.of(
            "startedDateTime",
            "text",
            "time",
            "number",
            "request",
            "object",
            "response",
            "object",
            "cache",
            "object",
            "timings",
            "object");
    private static final Map<String, String> REQUEST = Map.of(
            "method",
            "text",
            "url",
            "text",
            "httpVersion",
            "text",
            "cookies",
            "list",
            "headers",
            "list",
            "queryString",
            "list",
            "headersSize",
            "number",
            "bodySize",
            "number");
    private static final Map<String, String> RESPONSE = Map.of(
            "status",
            "number",
            "statusText",
            "text",
            "httpVersion",
            "text",
            "cookies",
            "list",
            "headers",
            "list",
            "content",
            "object",
            "redirectURL",
            "text",
            "headersSize",
            "number",
            "bodySize",
            "number");
    private static final Map<String, String> PAIR = Map.of("name", "text", "value", "text");
    private static final Map<String, String> CONTENT = Map.of("size", "number", "mimeType", "text");
    private static final Map<String, String> POST = Map.of("mimeType", "text", "params", "list", "text", "text");
    private static final List<String> PHASES = List.of("blocked", "dns", "connect", "send", "wait", "receive");

    private HarRules() {}

    static void check(JsonNode document) {
        JsonNode log = document.get("log");
        object(log, LOG, Set.of("browser", "pages", "comment"));
        assertThat(log.get("version").stringValue()).isEqualTo("1.2");
        object(log.get("creator"), CREATOR, Set.of("comment"));
        for (JsonNode page : log.path("pages").values()) {
            object(page, PAGE, Set.of("comment"));
        }
        for (JsonNode entry : log.get("entries").values()) {
            entry(entry, log.path("pages"));
        }
    }

    private static void entry(JsonNode entry, JsonNode pages) {
        object(entry, ENTRY, Set.of("pageref", "serverIPAddress", "connection", "comment"));
        assertThat(Instant.parse(entry.get("startedDateTime").stringValue())).isNotNull();
        assertThat(pages.values()).extracting(page -> page.get("id")).contains(entry.get("pageref"));
        timings(entry);
        JsonNode request = entry.get("request");
        object(request, REQUEST, Set.of("postData", "comment"));
        pairs(request, "cookies", "headers", "queryString");
        if (request.has("postData")) {
            object(request.get("postData"), POST, Set.of("comment"));
        }
        JsonNode response = entry.get("response");
        object(response, RESPONSE, Set.of("comment"));
        pairs(response, "cookies", "headers");
        object(response.get("content"), CONTENT, Set.of("compression", "text", "encoding", "comment"));
    }

    /** The time of an entry is the sum of its phases; -1 is for those that do not apply, which these three never are. */
    private static void timings(JsonNode entry) {
        JsonNode timings = entry.get("timings");
        object(
                timings,
                Map.of("send", "number", "wait", "number", "receive", "number"),
                Set.of("blocked", "dns", "connect", "ssl", "comment"));
        double sum = 0;
        for (String phase : PHASES) {
            double time = timings.path(phase).doubleValue();
            assertThat(time >= 0 || time == -1).as(phase).isTrue();
            sum += Math.max(0, time);
        }
        for (String phase : List.of("send", "wait", "receive")) {
            assertThat(timings.get(phase).doubleValue()).isNotNegative();
        }
        assertThat(entry.get("time").doubleValue()).isEqualTo(sum);
    }

    private static void pairs(JsonNode message, String... lists) {
        for (String list : lists) {
            for (JsonNode pair : message.get(list).values()) {
                object(pair, PAIR, Set.of("path", "domain", "expires", "httpOnly", "secure", "comment"));
            }
        }
    }

    /** Has all it must have, of the right type, and beyond what it may have only names with an underscore. */
    private static void object(JsonNode object, Map<String, String> required, Set<String> allowed) {
        required.forEach((name, type) -> {
            JsonNode field = object.path(name);
            boolean right = switch (type) {
                case "text" -> field.isString();
                case "number" -> field.isNumber();
                case "list" -> field.isArray();
                default -> field.isObject();
            };
            assertThat(right).as("%s of %s is a %s", name, object, type).isTrue();
        });
        assertThat(object.properties())
                .allMatch(field -> required.containsKey(field.getKey())
                        || allowed.contains(field.getKey())
                        || field.getKey().startsWith("_"));
    }
}
