package io.headgate.profile;

import java.util.List;
import java.util.Objects;

/** Which replies, by their status. */
public sealed interface ResponseMatch {

    /**
     * All of some conditions; every reply when there are none.
     *
     * @param parts the conditions
     */
    record All(List<ResponseMatch> parts) implements ResponseMatch {

        /** Copies the list. */
        public All {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Any of some conditions; no reply when there are none.
     *
     * @param parts the conditions
     */
    record Any(List<ResponseMatch> parts) implements ResponseMatch {

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
    record Not(ResponseMatch part) implements ResponseMatch {

        /** Checks that there is one. */
        public Not {
            Objects.requireNonNull(part, "part");
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
     * Tells whether a reply is matched.
     *
     * @param status its status
     * @return true when it is
     */
    default boolean matches(int status) {
        if (this instanceof All all) {
            return all.parts.stream().allMatch(part -> part.matches(status));
        } else if (this instanceof Any any) {
            return any.parts.stream().anyMatch(part -> part.matches(status));
        } else if (this instanceof Not not) {
            return !not.part.matches(status);
        }
        Status range = (Status) this;
        return status >= range.min && status <= range.max;
    }
}
