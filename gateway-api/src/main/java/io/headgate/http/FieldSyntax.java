package io.headgate.http;

/** What a field name and a field value may look like (RFC 9110 sections 5.1 and 5.5). */
final class FieldSyntax {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private FieldSyntax() {}

    static void checkName(CharSequence name) {
        boolean valid = name.length() > 0;
        for (int i = 0; valid && i < name.length(); i++) {
            char c = name.charAt(i);
            valid = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || TOKEN_MARKS.indexOf(c) >= 0;
        }
        if (!valid) {
            throw new IllegalArgumentException("field name: " + printable(name) + " (expected: a token)");
        }
    }

    /** Takes white space off the ends and refuses what could end the field or the message. */
    static CharSequence checkValue(CharSequence name, CharSequence value) {
        int start = 0;
        int end = value.length();
        while (start < end && isSpace(value.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(value.charAt(end - 1))) {
            end--;
        }
        for (int i = start; i < end; i++) {
            char c = value.charAt(i);
            if (c < 0x20 && c != '\t' || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException("value of field " + name + ": " + printable(value)
                        + " (expected: no control characters, none above U+00FF)");
            }
        }
        return start == 0 && end == value.length() ? value : value.subSequence(start, end);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    static String printable(CharSequence text) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            char c = text.charAt(i);
            shown.append(c < 0x20 || c >= 0x7f ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return shown.append(text.length() > 80 ? "...\"" : "\"").toString();
    }
}
