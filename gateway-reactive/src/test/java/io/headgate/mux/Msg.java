package io.headgate.mux;

import java.util.ArrayList;
import java.util.List;

/** A head as it was on the wire: names in their case, in order, with duplicates. Pseudo-headers are fields like others. */
final class Msg {

    /** A name and a value. */
    record Field(String name, String value) {}

    /** What came, byte for byte, for HTTP/1.1; else empty. */
    final String raw;

    /** The first line of HTTP/1.1; else empty. */
    final String line;

    final List<Field> fields = new ArrayList<>();
    boolean endStream;

    private Msg(String raw, String line) {
        this.raw = raw;
        this.line = line;
    }

    static Msg of(String... namesAndValues) {
        Msg msg = new Msg("", "");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            msg.fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
        }
        return msg;
    }

    static Msg parse(String raw) {
        String[] lines = raw.split("\r\n", -1);
        Msg msg = new Msg(raw, lines[0]);
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            msg.fields.add(new Field(
                    lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
        }
        return msg;
    }

    boolean isH1() {
        return !line.isEmpty();
    }

    String get(String name) {
        return all(name).stream().findFirst().orElse(null);
    }

    List<String> all(String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .toList();
    }

    List<String> names() {
        return fields.stream().map(Field::name).toList();
    }

    String method() {
        return isH1() ? line.split(" ")[0] : get(":method");
    }

    String target() {
        return isH1() ? line.split(" ")[1] : get(":path");
    }

    String authority() {
        return isH1() ? get("host") : get(":authority");
    }

    int status() {
        return Integer.parseInt(isH1() ? line.split(" ")[1] : get(":status"));
    }

    @Override
    public String toString() {
        return isH1() ? raw : fields.toString();
    }
}
