package io.headgate.discovery;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the readers of documents share: strict JSON, and messages that say where it is wrong. */
abstract class JsonReader {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final int LONGEST_QUOTE = 80;

    private final String source;

    JsonReader(String source) {
        this.source = source;
    }

    final JsonNode tree(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException broken) {
            throw new DocumentException(
                    source + ": line " + broken.getLocation().getLineNr() + ", column "
                            + broken.getLocation().getColumnNr() + ": " + broken.getOriginalMessage()
                            + " (expected: one JSON document)");
        }
    }

    final String text(String at, @Nullable JsonNode node, String expected) {
        if (node == null || !node.isString() || node.stringValue().isBlank()) {
            throw wrong(at, node, expected);
        }
        return node.stringValue();
    }

    final void fields(String at, JsonNode node, Set<String> known) {
        if (!node.isObject()) {
            throw wrong(at.isEmpty() ? "document" : at, node, "an object");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!known.contains(field.getKey())) {
                String expected = String.join(", ", known.stream().sorted().toList());
                throw wrong(at.isEmpty() ? field.getKey() : at + "." + field.getKey(), field.getValue(), expected);
            }
        }
    }

    final DocumentException wrong(String at, @Nullable JsonNode node, String expected) {
        String value = node == null ? "missing" : node.toString();
        String quoted = value.length() > LONGEST_QUOTE ? value.substring(0, LONGEST_QUOTE) + "..." : value;
        return new DocumentException(source + ": " + at + ": " + quoted + " (expected: " + expected + ")");
    }

    /** What a value cannot be, as the type says for which it was meant. */
    final DocumentException refused(String at, IllegalArgumentException why) {
        return new DocumentException(source + ": " + at + ": " + why.getMessage());
    }
}
