package io.headgate.function.api;

import io.headgate.function.api.ApiRoutes.Route;
import io.headgate.function.http.JsonReplies;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The description of the API (OpenAPI 3.1): the one that is kept beside this class, with what this very API has besides. */
final class OpenApiDocument {

    static final String PATH = "/v2/openapi.json";

    private static final String FILE = "openapi.json";

    private final ObjectNode document;

    /** Read once, when the API is built. */
    OpenApiDocument(String version, String serverUrl) {
        document = read();
        ((ObjectNode) document.get("info")).put("version", version);
        document.putArray("servers").addObject().put("url", serverUrl);
    }

    private static ObjectNode read() {
        try (InputStream in = OpenApiDocument.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(
                        FILE + ": not on the class path (expected: beside " + OpenApiDocument.class + ")");
            }
            return (ObjectNode) EntityWriter.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of an endpoint that is not ours nothing is known but where it is. */
    void describe(Route route) {
        ObjectNode operation = ((ObjectNode) document.get("paths"))
                .withObjectProperty(route.template())
                .putObject(route.method().toLowerCase(Locale.ROOT));
        operation.put("summary", "Added by an extension.").putArray("tags").add("extensions");
        ArrayNode described = operation.putArray("parameters");
        route.parameterNames()
                .forEach(parameter -> described
                        .addObject()
                        .put("name", parameter)
                        .put("in", "path")
                        .put("required", true)
                        .putObject("schema")
                        .put("type", "string"));
        operation.putObject("responses").putObject("default").put("description", "What the extension answers.");
    }

    ApiEndpoint endpoint() {
        byte[] json = EntityWriter.MAPPER.writeValueAsBytes(document);
        return request -> Mono.fromSupplier(() -> JsonReplies.of(200, json));
    }
}
