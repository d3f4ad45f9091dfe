package io.headgate.function.r2dbc;

import io.headgate.http.Fields;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What a column of text keeps: maps as objects of strings with sorted keys, fields as arrays of names and values. Values of annotations
 * are kept as strings although they are JSON, so that they come back as they were, character by character.
 */
final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    static String of(Map<String, String> map) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            new TreeMap<>(map).forEach(json::writeStringProperty);
            json.writeEndObject();
        }
        return text.toString();
    }

    static Map<String, String> map(String text) {
        Map<String, String> map = new HashMap<>();
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = json.currentName();
                json.nextToken();
                map.put(key, json.getString());
            }
        }
        return map;
    }

    static String of(Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartArray();
            for (int i = 0; i < fields.size(); i++) {
                json.writeString(fields.name(i).toString());
                json.writeString(fields.value(i).toString());
            }
            json.writeEndArray();
        }
        return text.toString();
    }

    static Fields fields(String text) {
        Fields.Builder fields = Fields.builder();
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            json.nextToken();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                String name = json.getString();
                json.nextToken();
                fields.add(name, json.getString());
            }
        }
        return fields.build();
    }
}
