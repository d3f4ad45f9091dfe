package io.headgate.function.model;

import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON value and leaves the blanks between its parts out, so that two texts can be compared. Nothing else is changed: not
 * the order of keys, nor how numbers and strings are written.
 */
final class JsonText {

    private static final int MAX_DEPTH = 64;

    private final String text;
    private final StringBuilder compact;
    private int at;

    private JsonText(String text) {
        this.text = text;
        this.compact = new StringBuilder(text.length());
    }

    /** The text without blanks, or null when it is not JSON. */
    static @Nullable String compact(String text) {
        JsonText reader = new JsonText(text);
        if (!reader.value(0)) {
            return null;
        }
        reader.blanks();
        return reader.at == text.length() ? reader.compact.toString() : null;
    }

    private boolean value(int depth) {
        blanks();
        if (at == text.length() || depth > MAX_DEPTH) {
            return false;
        }
        return switch (text.charAt(at)) {
            case '{' -> members(depth, '}', true);
            case '[' -> members(depth, ']', false);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        };
    }

    private boolean members(int depth, char end, boolean named) {
        take();
        blanks();
        if (takes(end)) {
            return true;
        }
        do {
            blanks();
            if (named && (!string() || !colon())) {
                return false;
            }
            if (!value(depth + 1)) {
                return false;
            }
            blanks();
        } while (takes(','));
        return takes(end);
    }

    private boolean colon() {
        blanks();
        return takes(':');
    }

    private boolean string() {
        if (!takes('"')) {
            return false;
        }
        while (at < text.length()) {
            char c = text.charAt(at);
            take();
            if (c == '"') {
                return true;
            }
            if (c < ' ' || c == '\\' && !escape()) {
                return false;
            }
        }
        return false;
    }

    private boolean escape() {
        if (at == text.length()) {
            return false;
        }
        char c = text.charAt(at);
        take();
        if (c != 'u') {
            return "\"\\/bfnrt".indexOf(c) >= 0;
        }
        for (int i = 0; i < 4; i++) {
            if (at == text.length() || Character.digit(text.charAt(at), 16) < 0 || text.charAt(at) > 'f') {
                return false;
            }
            take();
        }
        return true;
    }

    private boolean number() {
        takes('-');
        if (!takes('0') && !digits()) {
            return false;
        }
        if (takes('.') && !digits()) {
            return false;
        }
        if (takes('e') || takes('E')) {
            if (!takes('+')) {
                takes('-');
            }
            return digits();
        }
        return true;
    }

    private boolean digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            take();
        }
        return at > start;
    }

    private boolean word(String word) {
        if (!text.startsWith(word, at)) {
            return false;
        }
        compact.append(word);
        at += word.length();
        return true;
    }

    private boolean takes(char c) {
        if (at == text.length() || text.charAt(at) != c) {
            return false;
        }
        take();
        return true;
    }

    private void take() {
        compact.append(text.charAt(at++));
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
