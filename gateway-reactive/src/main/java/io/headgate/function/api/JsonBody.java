package io.headgate.function.api;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON object that a client has sent, read strictly: well-formed UTF-8, no name twice, nothing behind it, values of the very type
 * that is expected. Every refusal names the field. Fields that nobody asks for are not looked at.
 */
final class JsonBody {

    private static final int DEEPEST = 32;
    private static final int LONGEST_NUMBER = 128;
    private static final int LONGEST_NAME = 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxNumberLength(LONGEST_NUMBER)
                            .maxNameLength(LONGEST_NAME)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS) // said below in words of ours
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS) // what is not looked at must not lose digits
            .build();

    private final JsonNode object;

    private JsonBody(JsonNode object) {
        this.object = object;
    }

    static JsonBody read(byte[] bytes) {
        String text = text(bytes);
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonNode node = tree(parser);
            if (node == null || !node.isObject()) {
                throw invalid("body", node == null ? "empty" : shown(node), "an object of JSON");
            }
            return new JsonBody(node);
        }
    }

    private static @Nullable JsonNode tree(JsonParser parser) {
        try {
            if (parser.nextToken() == null) {
                return null;
            }
            JsonNode node = MAPPER.readTree(parser);
            if (parser.nextToken() != null) {
                throw invalid("body", "more than one value", "an object of JSON and nothing behind it");
            }
            return node;
        } catch (JacksonException e) {
            throw malformed(parser, e.getOriginalMessage());
        }
    }

    private static FunctionException malformed(JsonParser parser, String why) {
        int source = why.indexOf(" (start marker at"); // what follows is a place in words of the library
        String reason = source < 0 ? why : why.substring(0, source);
        return new FunctionException(ErrorKind.INVALID, place(parser) + ": " + reason + " (expected: JSON)");
    }

    /** The field that the parser is in, as its names from the outside inward. */
    private static String place(JsonParser parser) {
        StringBuilder place = new StringBuilder();
        for (TokenStreamContext at = parser.streamReadContext(); at != null; at = at.getParent()) {
            if (at.inObject() && at.currentName() != null) {
                place.insert(0, "." + at.currentName());
            } else if (at.inArray()) {
                place.insert(0, "." + at.getCurrentIndex());
            }
        }
        return place.isEmpty() ? "body" : Shown.text(place.substring(1));
    }

    private static String text(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // reports what it cannot read
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            throw invalid(placeOfEnd(text), "not UTF-8 at byte " + in.position(), "UTF-8");
        }
        return text;
    }

    /** The field in which a text that is cut off ends. */
    private static String placeOfEnd(String text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            try {
                while (parser.nextToken() != null) {
                    parser.getStringLength(); // strings are read when they are wanted
                }
            } catch (JacksonException e) {
                return place(parser);
            }
            return place(parser);
        }
    }

    /** Null when it is not there or null. */
    @Nullable String string(String field) {
        JsonNode node = value(field);
        return node == null ? null : string(field, node);
    }

    /** Null when it is not there or null. */
    @Nullable Integer integer(String field) {
        JsonNode node = value(field);
        if (node == null) {
            return null;
        }
        if (!node.isIntegralNumber()) {
            throw invalid(field, shown(node), "a whole number");
        }
        if (!node.canConvertToInt()) {
            throw invalid(field, shown(node), "a number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE);
        }
        return node.intValue();
    }

    /** An object of strings; null when it is not there or null. */
    @Nullable Map<String, String> strings(String field) {
        JsonNode node = object(field);
        if (node == null) {
            return null;
        }
        Map<String, String> strings = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String place = field + "." + entry.getKey();
            strings.put(checked(place, entry.getKey()), string(place, entry.getValue()));
        }
        return strings;
    }

    /** An object of any values, each compacted, but for those of some keys; null when it is not there or null. */
    @Nullable Map<String, String> values(String field, Predicate<String> ignored) {
        JsonNode node = object(field);
        if (node == null) {
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!ignored.test(entry.getKey())) {
                String place = field + "." + entry.getKey();
                values.put(
                        checked(place, entry.getKey()),
                        checked(place, entry.getValue().toString()));
            }
        }
        return values;
    }

    private @Nullable JsonNode value(String field) {
        JsonNode node = object.get(field);
        return node == null || node.isNull() ? null : node;
    }

    private @Nullable JsonNode object(String field) {
        JsonNode node = value(field);
        if (node != null && !node.isObject()) {
            throw invalid(field, shown(node), "an object");
        }
        return node;
    }

    private static String string(String place, JsonNode node) {
        if (!node.isString()) {
            throw invalid(place, shown(node), "a string");
        }
        return checked(place, node.stringValue());
    }

    /** Neither can be kept by all databases nor be put into an environment. */
    private static String checked(String place, String text) {
        if (text.indexOf('\0') >= 0) {
            throw invalid(place, "has the character U+0000", "text without it");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw invalid(place, "has half a surrogate pair", "text of Unicode");
        }
        return text;
    }

    private static String shown(JsonNode node) {
        return Shown.text(node.toString());
    }

    private static FunctionException invalid(String place, String found, String expected) {
        return new FunctionException(
                ErrorKind.INVALID, Shown.text(place) + ": " + found + " (expected: " + expected + ")");
    }
}
