package io.headgate.function.api;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes entities and patches of what clients send. Fields that are not known, and those that only the server sets, are ignored: tools
 * send back what they were given, and older ones send fields that are gone. What values may be is for the store to say.
 */
final class EntityReader {

    private EntityReader() {}

    static App app(JsonBody body) {
        return new App(
                noId(body),
                text(body.string("name")),
                map(body.strings("config")),
                new Annotations(map(annotations(body))),
                emptyAsNull(body.string("syslog_url")),
                Instant.EPOCH,
                Instant.EPOCH);
    }

    static AppPatch appPatch(JsonBody body) {
        return new AppPatch(
                emptyAsNull(body.string("id")),
                emptyAsNull(body.string("name")),
                body.strings("config"),
                annotations(body),
                body.string("syslog_url"));
    }

    static Fn fn(JsonBody body) {
        return new Fn(
                noId(body),
                text(body.string("app_id")),
                text(body.string("name")),
                text(body.string("image")),
                number(body.integer("memory"), Fn.DEFAULT_MEMORY_MB),
                number(body.integer("timeout"), Fn.DEFAULT_TIMEOUT_SECONDS),
                number(body.integer("idle_timeout"), Fn.DEFAULT_IDLE_TIMEOUT_SECONDS),
                map(body.strings("config")),
                new Annotations(map(annotations(body))),
                Instant.EPOCH,
                Instant.EPOCH);
    }

    static FnPatch fnPatch(JsonBody body) {
        return new FnPatch(
                emptyAsNull(body.string("id")),
                emptyAsNull(body.string("app_id")),
                emptyAsNull(body.string("name")),
                body.string("image"),
                body.integer("memory"),
                body.integer("timeout"),
                body.integer("idle_timeout"),
                body.strings("config"),
                annotations(body));
    }

    static Trigger trigger(JsonBody body) {
        return new Trigger(
                noId(body),
                text(body.string("app_id")),
                text(body.string("fn_id")),
                text(body.string("name")),
                text(body.string("type")),
                text(body.string("source")),
                new Annotations(map(annotations(body))),
                Instant.EPOCH,
                Instant.EPOCH);
    }

    /** The type of a trigger cannot change, and what is sent for it is not looked at. */
    static TriggerPatch triggerPatch(JsonBody body) {
        return new TriggerPatch(
                emptyAsNull(body.string("id")),
                emptyAsNull(body.string("app_id")),
                body.string("fn_id"),
                body.string("name"),
                body.string("source"),
                annotations(body));
    }

    /** Without those that the server adds: what it was given back must not be kept. */
    private static @Nullable Map<String, String> annotations(JsonBody body) {
        return body.values("annotations", CallUrls::isAdded);
    }

    private static String noId(JsonBody body) {
        String id = text(body.string("id"));
        if (!id.isEmpty()) {
            throw new FunctionException(
                    ErrorKind.INVALID, "id: " + Shown.text(id) + " (expected: none, the server makes it)");
        }
        return id;
    }

    private static String text(@Nullable String value) {
        return Objects.requireNonNullElse(value, "");
    }

    private static @Nullable String emptyAsNull(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }

    private static int number(@Nullable Integer value, int byDefault) {
        return value == null ? byDefault : value;
    }

    private static Map<String, String> map(@Nullable Map<String, String> value) {
        return value == null ? Map.of() : value;
    }
}
