package io.headgate.function.api;

import io.headgate.function.http.JsonReplies;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.http.HttpReply;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Writes entities as clients get them. */
final class EntityWriter {

    static final JsonMapper MAPPER = JsonMapper.shared();

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private EntityWriter() {}

    static HttpReply reply(JsonNode json) {
        return JsonReplies.of(200, MAPPER.writeValueAsBytes(json));
    }

    static <T> HttpReply reply(Page<T> page, Function<T, JsonNode> item) {
        ObjectNode json = MAPPER.createObjectNode();
        if (page.next() != null) {
            json.put("next_cursor", QueryReader.cursorOf(page.next()));
        }
        ArrayNode items = json.putArray("items");
        page.items().forEach(each -> items.add(item.apply(each)));
        return reply(json);
    }

    static ObjectNode app(App app) {
        ObjectNode json = MAPPER.createObjectNode().put("id", app.id()).put("name", app.name());
        config(json, app.config());
        annotations(json, app.annotations());
        put(json, "syslog_url", app.syslogUrl());
        return times(json, app.createdAt(), app.updatedAt());
    }

    static ObjectNode fn(Fn fn) {
        ObjectNode json = MAPPER.createObjectNode()
                .put("id", fn.id())
                .put("name", fn.name())
                .put("app_id", fn.appId())
                .put("image", fn.image())
                .put("memory", fn.memoryMb())
                .put("timeout", fn.timeoutSeconds())
                .put("idle_timeout", fn.idleTimeoutSeconds());
        config(json, fn.config());
        annotations(json, fn.annotations());
        return times(json, fn.createdAt(), fn.updatedAt());
    }

    static ObjectNode trigger(Trigger trigger) {
        ObjectNode json = MAPPER.createObjectNode()
                .put("id", trigger.id())
                .put("name", trigger.name())
                .put("app_id", trigger.appId())
                .put("fn_id", trigger.fnId())
                .put("type", trigger.type())
                .put("source", trigger.source());
        annotations(json, trigger.annotations());
        return times(json, trigger.createdAt(), trigger.updatedAt());
    }

    static ObjectNode call(CallRecord call) {
        ObjectNode json = MAPPER.createObjectNode()
                .put("id", call.id())
                .put("app_id", call.appId())
                .put("fn_id", call.fnId());
        put(json, "trigger_id", call.triggerId());
        json.put("type", "async")
                .put("status", call.status().name().toLowerCase(Locale.ROOT))
                .put("attempts", call.attempts())
                .put("created_at", TIME.format(call.createdAt()))
                .put("due_at", TIME.format(call.dueAt()));
        put(json, "started_at", time(call.startedAt()));
        put(json, "completed_at", time(call.completedAt()));
        put(json, "error", call.error());
        return json;
    }

    private static void put(ObjectNode json, String field, @Nullable String value) {
        if (value != null) {
            json.put(field, value);
        }
    }

    private static @Nullable String time(@Nullable Instant at) {
        return at == null ? null : TIME.format(at);
    }

    private static void config(ObjectNode json, Map<String, String> config) {
        ObjectNode values = json.putObject("config");
        new TreeMap<>(config).forEach(values::put);
    }

    private static void annotations(ObjectNode json, Annotations annotations) {
        ObjectNode values = json.putObject("annotations");
        new TreeMap<>(annotations.values()).forEach((key, value) -> values.putRawValue(key, new RawValue(value)));
    }

    private static ObjectNode times(ObjectNode json, Instant createdAt, Instant updatedAt) {
        return json.put("created_at", TIME.format(createdAt)).put("updated_at", TIME.format(updatedAt));
    }
}
