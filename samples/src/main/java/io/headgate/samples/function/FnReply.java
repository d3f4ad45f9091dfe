package io.headgate.samples.function;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a server of functions has answered.
 *
 * @param status the status
 * @param callId of which call it is; null for an answer of the API
 * @param body the body, whole
 */
public record FnReply(int status, @Nullable String callId, byte[] body) {

    private static final int FIRST_FAILURE = 400;
    private static final int EXCERPT = 500;

    static FnReply of(HttpResponse<byte[]> response) {
        return new FnReply(
                response.statusCode(),
                response.headers().firstValue("fn-call-id").orElse(null),
                response.body());
    }

    /** The body as text. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The body as JSON. */
    public JsonNode json() {
        try {
            return JsonMapper.shared().readTree(body);
        } catch (JacksonException e) {
            throw new FnFailure("answer: " + text() + " (expected: JSON)", e);
        }
    }

    /** Whether the status is one of success. */
    public boolean isSuccess() {
        return status < FIRST_FAILURE;
    }

    /** This reply, if it is a success; else a failure with what the server said. */
    public FnReply orFailure() {
        if (isSuccess()) {
            return this;
        }
        throw new FnFailure(status + ": " + said() + (callId == null ? "" : " (call " + callId + ")"));
    }

    /** Servers of functions say {@code {"message": ...}}; what else is there on the way says anything. */
    private String said() {
        String said;
        try {
            said = JsonMapper.shared().readTree(body).path("message").asString(text());
        } catch (JacksonException e) {
            said = text();
        }
        String line = said.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
        return line.length() <= EXCERPT ? line : line.substring(0, EXCERPT) + "...";
    }
}
