package io.headgate.function.api;

import io.headgate.function.http.JsonReplies;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What is beside the entities: a greeting, the version, and a way to stop the server where it is wanted. */
final class RootResource {

    private final String version;
    private final @Nullable Runnable shutdown;

    RootResource(String version, @Nullable Runnable shutdown) {
        this.version = version;
        this.shutdown = shutdown;
    }

    void addTo(ApiRoutes.Builder routes) {
        routes.add("GET", "/", request -> text("message", "Headgate functions: see v2/openapi.json"));
        routes.add("GET", "/version", request -> text("version", version));
        if (shutdown != null) {
            routes.add(
                    "GET", "/shutdown", request -> shutDown(request.exchange().head(), shutdown));
        }
    }

    /** A browser says of what it sends by itself that it does: pages must not stop servers by a picture. */
    private static Mono<HttpReply> shutDown(RequestHead head, Runnable shutdown) {
        if (head.fields().contains("origin") || head.fields().contains("sec-fetch-site")) {
            return Mono.error(new RefusedException(403, "client: a browser (expected: another)"));
        }
        if (!head.method().equals("GET")) {
            return text("message", "server can be stopped");
        }
        return Mono.fromRunnable(shutdown).then(text("message", "server stops"));
    }

    private static Mono<HttpReply> text(String name, String value) {
        return Mono.fromSupplier(
                () -> JsonReplies.of(200, "{" + JsonReplies.quoted(name) + ":" + JsonReplies.quoted(value) + "}"));
    }
}
