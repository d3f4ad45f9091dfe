package io.headgate.route;

/** Text of others for messages: short, in printable ASCII. */
final class Texts {

    private static final int LONGEST = 200;

    private Texts() {}

    static String printable(CharSequence text) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length() && i < LONGEST; i++) {
            char c = text.charAt(i);
            if (c >= 0x20 && c < 0x7f) {
                safe.append(c);
            } else {
                safe.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.length() <= LONGEST ? safe.toString() : safe.append("...").toString();
    }

    /** Where the path of a target ends: at its query. */
    static int pathEnd(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target.length() : query;
    }

    /** Like {@link String#indexOf(int, int)}, but looks no further than it may: a query can be long. */
    static int indexOf(String text, char c, int from, int to) {
        int at = from;
        while (at < to && text.charAt(at) != c) {
            at++;
        }
        return at;
    }
}
