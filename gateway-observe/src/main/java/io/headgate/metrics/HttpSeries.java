package io.headgate.metrics;

import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One series as a {@link HttpConvention} wants it: what it is called and what is measured. Two of equal name and tags are one
 * series. Immutable.
 */
public sealed interface HttpSeries {

    /** What a {@link Histogram} is of. */
    enum Figure {
        /** The time from the request to the end of the exchange, the call or the connection. */
        DURATION,
        /** The time from the request to the head of its reply; nothing is recorded when there was none. */
        TIME_TO_HEAD,
        /** The bytes of the body of the request; known on the server side only. */
        REQUEST_BYTES,
        /** The bytes of the body of the reply. */
        REPLY_BYTES
    }

    /**
     * The name as Micrometer takes it, without what a registry adds by itself such as {@code _total} or the base unit.
     *
     * @return the name
     */
    String name();

    /**
     * What is measured, for people.
     *
     * @return one line
     */
    String description();

    /**
     * The tags.
     *
     * @return keys and values, none of them empty
     */
    Tags tags();

    /**
     * A number that only goes up.
     *
     * @param name the name
     * @param description for people
     * @param tags the tags
     * @param unit the base unit, or null
     */
    record Count(
            String name,
            String description,
            Tags tags,
            @Nullable String unit) implements HttpSeries {

        /** Checks that all is there. */
        public Count {
            check(name, description, tags);
        }

        /**
         * A number without a unit.
         *
         * @param name the name
         * @param description for people
         * @param tags the tags
         */
        public Count(String name, String description, Tags tags) {
            this(name, description, tags, null);
        }
    }

    /**
     * How many there are now: up when one begins, down when it ends.
     *
     * @param name the name
     * @param description for people
     * @param tags the tags
     */
    record Level(String name, String description, Tags tags) implements HttpSeries {

        /** Checks that all is there. */
        public Level {
            check(name, description, tags);
        }
    }

    /**
     * How values are spread.
     *
     * @param name the name
     * @param description for people
     * @param tags the tags
     * @param figure what is recorded
     * @param unit {@code seconds}, for which the registry adds its own unit; {@code ms} for durations in milliseconds, and
     *     {@code bytes} for sizes. Only the last is added to the name
     * @param buckets their upper bounds in that unit, ascending
     */
    record Histogram(String name, String description, Tags tags, Figure figure, Unit unit, List<Double> buckets)
            implements HttpSeries {

        /** What values are measured in. */
        public enum Unit {
            /** Durations, as a timer of the registry in the unit of its own. */
            SECONDS,
            /** Durations in milliseconds, whatever the unit of the registry is. */
            MILLISECONDS,
            /** Sizes. */
            BYTES
        }

        /** Checks the parts. */
        public Histogram {
            check(name, description, tags);
            Objects.requireNonNull(figure, "figure");
            buckets = List.copyOf(buckets);
            boolean isSize = figure == Figure.REQUEST_BYTES || figure == Figure.REPLY_BYTES;
            if (isSize != (unit == Unit.BYTES)) {
                throw new IllegalArgumentException("unit: " + unit + " (expected: one for " + figure + ")");
            }
            for (int i = 0; i < buckets.size(); i++) {
                if (buckets.get(i) <= (i == 0 ? 0 : buckets.get(i - 1))) {
                    throw new IllegalArgumentException("buckets: " + buckets + " (expected: above 0, ascending)");
                }
            }
        }
    }

    private static void check(String name, String description, Tags tags) {
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(tags, "tags");
        if (name.isBlank()) {
            throw new IllegalArgumentException("name: '" + name + "' (expected: a name)");
        }
    }
}
