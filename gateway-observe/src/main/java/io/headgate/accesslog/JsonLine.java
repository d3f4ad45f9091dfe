package io.headgate.accesslog;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One object of JSON on its way into a line. What is null has no field. */
final class JsonLine {

    private final StringBuilder line;
    private char separator = '{';

    JsonLine(StringBuilder line) {
        this.line = line;
    }

    void text(String name, @Nullable CharSequence value) {
        if (value != null) {
            name(name);
            Characters.json(value, line);
        }
    }

    void time(String name, long millis) {
        name(name);
        line.append('"');
        Times.iso(millis, line);
        line.append('"');
    }

    void number(String name, long value) {
        name(name);
        line.append(value);
    }

    /** A duration in milliseconds. */
    void millis(String name, long nanos) {
        name(name);
        Times.millis(nanos, line);
    }

    void map(String name, Map<?, ?> values) {
        name(name);
        JsonLine inner = new JsonLine(line);
        values.forEach((key, value) -> inner.value(String.valueOf(key), value));
        inner.end();
    }

    /** Anything: numbers, truth values and maps as they are, all else as text. */
    void value(String name, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            map(name, map);
        } else if (value instanceof Boolean || value instanceof Number number && isJson(number)) {
            name(name);
            line.append(value);
        } else if (value != null) {
            text(name, value instanceof CharSequence text ? text : value.toString());
        }
    }

    private static boolean isJson(Number number) {
        if (number instanceof Double || number instanceof Float) {
            return Double.isFinite(number.doubleValue());
        }
        return number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte;
    }

    void end() {
        line.append(separator == '{' ? "{}" : "}");
    }

    private void name(String name) {
        line.append(separator);
        separator = ',';
        Characters.json(name, line);
        line.append(':');
    }
}
