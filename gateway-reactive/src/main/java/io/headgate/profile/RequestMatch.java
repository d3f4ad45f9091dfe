package io.headgate.profile;

import io.headgate.http.RequestHead;
import java.util.List;
import java.util.Objects;

/**
 * Which requests: a condition, which may be made of others, at most 64 levels deep and of 10,000 parts. Evaluating one allocates
 * nothing but what RE2 needs for patterns of an unusual kind; see {@link PathPattern}.
 */
public sealed interface RequestMatch {

    /** Every request. */
    RequestMatch EVERY = new All(List.of());

    /**
     * All of some conditions; every request when there are none.
     *
     * @param parts the conditions
     */
    record All(List<RequestMatch> parts) implements RequestMatch {

        /** Copies the list and checks its depth and size. */
        public All {
            parts = List.copyOf(parts);
            MatchTree.check(parts);
        }
    }

    /**
     * Any of some conditions; no request when there are none.
     *
     * @param parts the conditions
     */
    record Any(List<RequestMatch> parts) implements RequestMatch {

        /** Copies the list and checks its depth and size. */
        public Any {
            parts = List.copyOf(parts);
            MatchTree.check(parts);
        }
    }

    /**
     * What another condition does not match.
     *
     * @param part the condition
     */
    record Not(RequestMatch part) implements RequestMatch {

        /** Checks that there is one, not too deep and not too large. */
        public Not {
            Objects.requireNonNull(part, "part");
            MatchTree.check(List.of(part));
        }
    }

    /**
     * A pattern that the whole path, without query, must match.
     *
     * @param pattern the pattern
     */
    record Path(PathPattern pattern) implements RequestMatch {

        /** Checks that there is one. */
        public Path {
            Objects.requireNonNull(pattern, "pattern");
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
        return new Path(PathPattern.of(regex));
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
        return RequestMatching.test(this, head.method(), head.path());
    }

    /**
     * The conditions that this one is made of.
     *
     * @return those, none for a path or a method
     */
    default List<RequestMatch> children() {
        if (this instanceof All all) {
            return all.parts;
        } else if (this instanceof Any any) {
            return any.parts;
        }
        return this instanceof Not not ? List.of(not.part) : List.of();
    }
}
