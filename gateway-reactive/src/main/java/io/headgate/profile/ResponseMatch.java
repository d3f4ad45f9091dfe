package io.headgate.profile;

import java.util.List;
import java.util.Objects;

/** Which replies, by their status: a condition, which may be made of others, at most 64 levels deep and of 10,000 parts. */
public sealed interface ResponseMatch {

    /**
     * All of some conditions; every reply when there are none.
     *
     * @param parts the conditions
     */
    record All(List<ResponseMatch> parts) implements ResponseMatch {

        /** Copies the list and checks its depth and size. */
        public All {
            parts = List.copyOf(parts);
            MatchTree.check(parts);
        }
    }

    /**
     * Any of some conditions; no reply when there are none.
     *
     * @param parts the conditions
     */
    record Any(List<ResponseMatch> parts) implements ResponseMatch {

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
    record Not(ResponseMatch part) implements ResponseMatch {

        /** Checks that there is one, not too deep and not too large. */
        public Not {
            Objects.requireNonNull(part, "part");
            MatchTree.check(List.of(part));
        }
    }

    /**
     * A range of statuses.
     *
     * @param min the lowest, 100 to 999
     * @param max the highest, included
     */
    record Status(int min, int max) implements ResponseMatch {

        /** Checks the range. */
        public Status {
            if (min < 100 || max > 999 || min > max) {
                throw new IllegalArgumentException(
                        "status: " + min + ".." + max + " (expected: a range within 100..999)");
            }
        }
    }

    /**
     * A range of statuses.
     *
     * @param min the lowest, 100 to 999
     * @param max the highest, included
     * @return the condition
     */
    static ResponseMatch status(int min, int max) {
        return new Status(min, max);
    }

    /**
     * One status.
     *
     * @param status 100 to 999
     * @return the condition
     */
    static ResponseMatch status(int status) {
        return new Status(status, status);
    }

    /**
     * Tells whether a reply is matched.
     *
     * @param status its status
     * @return true when it is
     */
    default boolean matches(int status) {
        if (this instanceof Status range) {
            return status >= range.min && status <= range.max;
        } else if (this instanceof Not not) {
            return !not.part.matches(status);
        }
        boolean all = this instanceof All;
        for (ResponseMatch part : children()) {
            if (part.matches(status) != all) {
                return !all;
            }
        }
        return all;
    }

    /**
     * The conditions that this one is made of.
     *
     * @return those, none for a range of statuses
     */
    default List<ResponseMatch> children() {
        if (this instanceof All all) {
            return all.parts;
        } else if (this instanceof Any any) {
            return any.parts;
        }
        return this instanceof Not not ? List.of(not.part) : List.of();
    }
}
