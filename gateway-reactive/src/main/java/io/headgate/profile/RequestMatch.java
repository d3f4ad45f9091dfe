package io.headgate.profile;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.headgate.http.RequestHead;
import java.util.List;
import java.util.Objects;

/** Which requests. */
public sealed interface RequestMatch {

    /** Every request. */
    RequestMatch EVERY = new All(List.of());

    /**
     * All of some conditions; every request when there are none.
     *
     * @param parts the conditions
     */
    record All(List<RequestMatch> parts) implements RequestMatch {

        /** Copies the list. */
        public All {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Any of some conditions; no request when there are none.
     *
     * @param parts the conditions
     */
    record Any(List<RequestMatch> parts) implements RequestMatch {

        /** Copies the list. */
        public Any {
            parts = List.copyOf(parts);
        }
    }

    /**
     * What another condition does not match.
     *
     * @param part the condition
     */
    record Not(RequestMatch part) implements RequestMatch {

        /** Checks that there is one. */
        public Not {
            Objects.requireNonNull(part, "part");
        }
    }

    /**
     * A pattern that the whole path, without query, must match.
     *
     * @param pattern in the syntax of RE2, which takes linear time; two are equal when their texts are
     */
    record Path(Pattern pattern) implements RequestMatch {

        /** Checks that there is one. */
        public Path {
            Objects.requireNonNull(pattern, "pattern");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Path path && path.pattern.pattern().equals(pattern.pattern());
        }

        @Override
        public int hashCode() {
            return pattern.pattern().hashCode();
        }
    }

    /**
     * One method.
     *
     * @param method case-sensitive
     */
    record Method(String method) implements RequestMatch {

        /** Checks that there is one. */
        public Method {
            Objects.requireNonNull(method, "method");
        }
    }

    /**
     * A pattern of whole paths.
     *
     * @param regex in the syntax of RE2
     * @return the condition
     * @throws IllegalArgumentException when it is not valid; the message names it
     */
    static RequestMatch path(String regex) {
        try {
            return new Path(Pattern.compile(regex.strip()));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("path: " + regex + " (expected: a regular expression of RE2)", e);
        }
    }

    /**
     * One method.
     *
     * @param method case-sensitive
     * @return the condition
     */
    static RequestMatch method(String method) {
        return new Method(method);
    }

    /**
     * All of some conditions.
     *
     * @param parts the conditions
     * @return the condition
     */
    static RequestMatch all(RequestMatch... parts) {
        return new All(List.of(parts));
    }

    /**
     * Any of some conditions.
     *
     * @param parts the conditions
     * @return the condition
     */
    static RequestMatch any(RequestMatch... parts) {
        return new Any(List.of(parts));
    }

    /**
     * Tells whether a request is matched.
     *
     * @param head its head
     * @return true when it is
     */
    default boolean matches(RequestHead head) {
        if (this instanceof All all) {
            return all.parts.stream().allMatch(part -> part.matches(head));
        } else if (this instanceof Any any) {
            return any.parts.stream().anyMatch(part -> part.matches(head));
        } else if (this instanceof Not not) {
            return !not.part.matches(head);
        } else if (this instanceof Path path) {
            return path.pattern.matches(head.path());
        }
        return ((Method) this).method.equals(head.method());
    }
}
