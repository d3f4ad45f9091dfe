package io.headgate.function.api;

import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.http.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Where functions are called, told to clients in annotations that the server adds; the keys are those of Fn, whose tools look for them. */
final class CallUrls {

    private static final String INVOKE = "fnproject.io/fn/invokeEndpoint";
    private static final String TRIGGER = "fnproject.io/trigger/httpEndpoint";
    private static final Set<String> ADDED = Set.of(INVOKE, TRIGGER);

    private final @Nullable String publicUrl;
    private final String prefix;

    /** Without a public URL it is that by which the client came, with the prefix. */
    CallUrls(@Nullable String publicUrl, String prefix) {
        this.publicUrl = publicUrl;
        this.prefix = prefix;
    }

    static boolean isAdded(String key) {
        return ADDED.contains(key);
    }

    ObjectNode invoked(HttpExchange exchange, Fn fn) {
        return with(EntityWriter.fn(fn), INVOKE, base(exchange) + "/invoke/" + fn.id());
    }

    ObjectNode triggered(HttpExchange exchange, Trigger trigger, String appName) {
        String url = base(exchange) + "/t/" + escaped(appName) + trigger.source();
        return with(EntityWriter.trigger(trigger), TRIGGER, url);
    }

    private static ObjectNode with(ObjectNode json, String key, String url) {
        ((ObjectNode) json.get("annotations")).put(key, url);
        return json;
    }

    private String base(HttpExchange exchange) {
        return publicUrl != null
                ? publicUrl
                : exchange.head().scheme() + "://" + exchange.head().authority() + prefix;
    }

    /** Names of applications may have letters of all scripts. */
    private static String escaped(String name) {
        StringBuilder escaped = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (b > 0) {
                escaped.append((char) b);
            } else {
                escaped.append(String.format("%%%02X", b & 0xff));
            }
        }
        return escaped.toString();
    }
}
