package io.headgate.samples;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is said of an entity, to people or to the server. */
final class FnAnnotationOptions {

    @Option(
            names = "--annotation",
            paramLabel = "KEY=JSON",
            description = "Something said of it, such as headgate.io/max-instances=4; an update without a value"
                    + " removes it. Repeatable.")
    private Map<String, String> annotations = new LinkedHashMap<>();

    void addTo(ObjectNode entity) {
        if (!annotations.isEmpty()) {
            ObjectNode values = entity.putObject("annotations");
            annotations.forEach((key, text) -> values.set(key, value(key, text)));
        }
    }

    private static JsonNode value(String key, String text) {
        JsonMapper mapper = JsonMapper.shared();
        try {
            return text.isEmpty() ? mapper.getNodeFactory().stringNode("") : mapper.readTree(text);
        } catch (JacksonException e) {
            throw new UserMistake(
                    "--annotation: " + key + "=" + text + " (expected: JSON; a text stands in quotes)", e);
        }
    }
}
