package io.headgate.function.api;

/** What clients sent, as messages show it. */
final class Shown {

    private static final int MOST = 64;

    private Shown() {}

    /** Cut when it is long. */
    static String text(String text) {
        return text.length() <= MOST ? text : text.substring(0, MOST) + "... (" + text.length() + " characters)";
    }
}
