package io.headgate.function.api;

import io.headgate.http.Fields;
import io.headgate.http.RefusedException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Reads the bodies of requests, up to a size. */
final class JsonBodies {

    private static final byte[] NOTHING = {};

    private final int maxBytes;

    JsonBodies(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Fails when the body is not JSON, or said to be something else. */
    Mono<JsonBody> of(ApiRequest request) {
        Fields fields = request.exchange().head().fields();
        checkType(fields.get("content-type"));
        String coding = fields.get("content-encoding");
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            throw new RefusedException(415, "content-encoding: " + Shown.text(coding) + " (expected: none)");
        }
        return request.exchange()
                .body()
                .asBytes(maxBytes)
                .defaultIfEmpty(NOTHING)
                .map(JsonBody::read);
    }

    /** A request that says nothing may have JSON; one that says something else has been sent by mistake, or by a form. */
    private static void checkType(@Nullable String type) {
        if (type == null) {
            return;
        }
        String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
        String media = parts[0].strip();
        boolean json = media.equals("application/json") || media.startsWith("application/") && media.endsWith("+json");
        for (int i = 1; i < parts.length && json; i++) {
            String parameter = parts[i].strip();
            json = !parameter.startsWith("charset=") || parameter.matches("charset=\"?utf-?8\"?");
        }
        if (!json) {
            throw new RefusedException(
                    415, "content-type: " + Shown.text(type) + " (expected: application/json in UTF-8)");
        }
    }
}
