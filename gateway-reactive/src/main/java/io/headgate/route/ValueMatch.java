package io.headgate.route;

import java.util.Objects;

/** What a header field, a query parameter or a cookie must be. */
public sealed interface ValueMatch {

    /**
     * It is there, whatever its value.
     *
     * @return the match
     */
    static ValueMatch present() {
        return new Present();
    }

    /**
     * It is a text, to the letter.
     *
     * @param text the text
     * @return the match
     */
    static ValueMatch equalTo(String text) {
        return new EqualTo(text);
    }

    /**
     * It matches a pattern as a whole.
     *
     * @param pattern of RE2/J, which takes linear time; checked when a table is built
     * @return the match
     */
    static ValueMatch matching(String pattern) {
        return new Matching(pattern);
    }

    /** Any value. */
    record Present() implements ValueMatch {
        @Override
        public String toString() {
            return "is there";
        }
    }

    /**
     * One value.
     *
     * @param text the value
     */
    record EqualTo(String text) implements ValueMatch {

        /** Checks that it is there. */
        public EqualTo {
            Objects.requireNonNull(text, "text");
        }

        @Override
        public String toString() {
            return "is " + text;
        }
    }

    /**
     * Values of a form.
     *
     * @param pattern the pattern
     */
    record Matching(String pattern) implements ValueMatch {

        /** Checks that it is there. */
        public Matching {
            Objects.requireNonNull(pattern, "pattern");
        }

        @Override
        public String toString() {
            return "matches " + pattern;
        }
    }
}
