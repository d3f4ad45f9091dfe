package io.headgate.function.api;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks an API without a socket. */
record ApiClient(Service<HttpExchange, HttpReply> api) {

    static final String AUTHORITY = "test.headgate.io";

    private static final Duration LONG = Duration.ofSeconds(10);

    /** What came back, read whole. */
    record Answer(int status, Fields fields, String text) {

        JsonNode json() {
            return JsonMapper.shared().readTree(text);
        }

        String id() {
            return json().get("id").stringValue();
        }

        String message() {
            return json().get("message").stringValue();
        }

        JsonNode at(String pointer) {
            return json().at(pointer);
        }
    }

    Answer get(String target, CharSequence... fields) {
        return call("GET", target, null, fields);
    }

    Answer delete(String target) {
        return call("DELETE", target, null);
    }

    /** JSON with single quotation marks, to be read by people. */
    Answer post(String target, String json) {
        return call("POST", target, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    Answer put(String target, String json) {
        return call("PUT", target, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    Answer call(String method, String target, byte @Nullable [] body, CharSequence... fields) {
        RequestHead head = new RequestHead(method, "http", AUTHORITY, target, Fields.of(fields));
        Body sent = body == null ? Body.empty() : Body.of(Unpooled.wrappedBuffer(body));
        HttpReply reply = api.call(HttpExchange.of(head, sent)).block(LONG);
        return new Answer(
                reply.status(), reply.fields(), reply.body().asString(1 << 20).block(LONG));
    }
}
