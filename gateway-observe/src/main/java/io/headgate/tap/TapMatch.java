package io.headgate.tap;

import io.headgate.forward.Networks;
import java.util.List;
import java.util.Objects;

/**
 * Which exchanges a tap is for: the match language of the tap API of Linkerd, of which each form here is one. Immutable.
 *
 * <p>What is not known does not match: a destination where none is known, a source of an exchange without a connection. An empty
 * {@link All} matches everything, an empty {@link Any} nothing.
 */
public sealed interface TapMatch {

    /** Matches everything. */
    TapMatch EVERYTHING = new All(List.of());

    /**
     * All of some.
     *
     * @param matches what must match
     */
    record All(List<TapMatch> matches) implements TapMatch {
        /** Copies the list. */
        public All {
            matches = List.copyOf(matches);
        }
    }

    /**
     * At least one of some.
     *
     * @param matches what may match
     */
    record Any(List<TapMatch> matches) implements TapMatch {
        /** Copies the list. */
        public Any {
            matches = List.copyOf(matches);
        }
    }

    /**
     * The contrary.
     *
     * @param match what must not match
     */
    record Not(TapMatch match) implements TapMatch {
        /** Checks the match. */
        public Not {
            Objects.requireNonNull(match, "match");
        }
    }

    /**
     * Clients with an address of some networks.
     *
     * @param networks the networks
     */
    record SourceNetwork(Networks networks) implements TapMatch {
        /** Checks the networks. */
        public SourceNetwork {
            Objects.requireNonNull(networks, "networks");
        }
    }

    /**
     * Clients with some ports.
     *
     * @param min the lowest port
     * @param max the highest port
     */
    record SourcePorts(int min, int max) implements TapMatch {
        /** Checks the ports. */
        public SourcePorts {
            checkPorts(min, max);
        }
    }

    /**
     * Destinations with an address of some networks.
     *
     * @param networks the networks
     */
    record DestinationNetwork(Networks networks) implements TapMatch {
        /** Checks the networks. */
        public DestinationNetwork {
            Objects.requireNonNull(networks, "networks");
        }
    }

    /**
     * Destinations with some ports.
     *
     * @param min the lowest port
     * @param max the highest port
     */
    record DestinationPorts(int min, int max) implements TapMatch {
        /** Checks the ports. */
        public DestinationPorts {
            checkPorts(min, max);
        }
    }

    /**
     * Requests of a scheme; those without one are of {@code http}.
     *
     * @param scheme the scheme, in lower case
     */
    record Scheme(String scheme) implements TapMatch {
        /** Checks the scheme. */
        public Scheme {
            notEmpty("scheme", scheme);
        }
    }

    /**
     * Requests with a method.
     *
     * @param method the method; case counts
     */
    record Method(String method) implements TapMatch {
        /** Checks the method. */
        public Method {
            notEmpty("method", method);
        }
    }

    /**
     * Requests to an authority, which is that of the target or of Host.
     *
     * @param text what it is
     */
    record Authority(Text text) implements TapMatch {
        /** Checks the text. */
        public Authority {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * Requests with a path, which ends where the query begins.
     *
     * @param text what it is
     */
    record Path(Text text) implements TapMatch {
        /** Checks the text. */
        public Path {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * Destinations with a label.
     *
     * @param key the key, not empty
     * @param value its value, not empty
     */
    record DestinationLabel(String key, String value) implements TapMatch {
        /** Checks the parts. */
        public DestinationLabel {
            notEmpty("key", key);
            notEmpty("value", value);
        }
    }

    /**
     * Routes with a label.
     *
     * @param key the key, not empty and without a prefix
     * @param value its value, not empty
     */
    record RouteLabel(String key, String value) implements TapMatch {
        /** Checks the parts. */
        public RouteLabel {
            notEmpty("key", key);
            notEmpty("value", value);
        }
    }

    /**
     * A text that is looked for.
     *
     * @param text the text
     * @param isPrefix whether more may follow
     */
    record Text(String text, boolean isPrefix) {
        /** Checks the text. */
        public Text {
            Objects.requireNonNull(text, "text");
        }

        /**
         * Exactly a text.
         *
         * @param text the text
         * @return matches nothing else
         */
        public static Text exact(String text) {
            return new Text(text, false);
        }

        /**
         * The beginning of a text.
         *
         * @param text the beginning
         * @return matches what begins so
         */
        public static Text prefix(String text) {
            return new Text(text, true);
        }
    }

    /**
     * All of some.
     *
     * @param matches what must match
     * @return the match
     */
    static TapMatch all(TapMatch... matches) {
        return new All(List.of(matches));
    }

    /**
     * At least one of some.
     *
     * @param matches what may match
     * @return the match
     */
    static TapMatch any(TapMatch... matches) {
        return new Any(List.of(matches));
    }

    /**
     * The contrary of this.
     *
     * @return matches what this does not
     */
    default TapMatch negate() {
        return new Not(this);
    }

    private static void checkPorts(int min, int max) {
        if (min < 0 || max > 65535 || min > max) {
            throw new IllegalArgumentException(
                    "ports: " + min + ".." + max + " (expected: 0..65535, the lower one first)");
        }
    }

    private static void notEmpty(String name, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(name + ": empty (expected: a text)");
        }
    }
}
