package io.headgate.admin.internal;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request that is not answered as it wished: becomes a document of RFC 9457. Has no stack trace. */
public final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    public Problem(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
    }

    /** A parameter of the query that is not as it should be. */
    public static Problem parameter(String name, String value, String expected) {
        return new Problem(400, name + ": " + value + " (expected: " + expected + ")")
                .with("parameter", name)
                .with("value", value)
                .with("expected", expected);
    }

    /** Adds a member of its own. */
    public Problem with(String member, Object value) {
        members.put(member, value);
        return this;
    }

    public Problem withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    public int status() {
        return status;
    }

    Answer answer() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "about:blank");
        document.put("title", HttpResponseStatus.valueOf(status).reasonPhrase());
        document.put("status", status);
        document.put("detail", String.valueOf(getMessage()));
        document.putAll(members);
        return new Answer.Content(status, "application/problem+json", Json.bytes(document), headers);
    }
}
