package io.headgate.resolve;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps, name by name, whether what a source has told is current, and since when and why it is not: for metrics and admin
 * pages. Holds the names that somebody wants to know about, and no others.
 *
 * <p><b>Threading.</b> Safe; one may serve any number of sources whose names are apart.
 */
public final class SourceAges implements SourceObserver {

    /**
     * What is known of one name.
     *
     * @param told when its source last told or confirmed it, or null when it never did
     * @param awaySince since when the source cannot be asked, or null when what it told is current
     * @param cause why it could not be asked last time, or null
     */
    public record Age(
            @Nullable Instant told,
            @Nullable Instant awaySince,
            @Nullable Throwable cause) {

        private static final Age NOTHING = new Age(null, null, null);

        /**
         * Tells whether the state of the name is known and current.
         *
         * @return false while the source is away
         */
        public boolean isCurrent() {
            return told != null && awaySince == null;
        }

        /**
         * How long the state has not been confirmed for.
         *
         * @param now the time
         * @return since when the source is away; zero while it is not
         */
        public Duration age(Instant now) {
            return awaySince == null ? Duration.ZERO : Duration.between(awaySince, now);
        }

        private Age awayAt(Instant now, Throwable why) {
            return new Age(told, awaySince == null ? now : awaySince, why);
        }
    }

    private final ConcurrentMap<String, Age> ages = new ConcurrentHashMap<>();
    private final InstantSource clock;

    private SourceAges(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Ages by the clock of the machine.
     *
     * @return ages of no names
     */
    public static SourceAges create() {
        return with(InstantSource.system());
    }

    /**
     * Ages by some clock.
     *
     * @param clock the clock
     * @return ages of no names
     */
    public static SourceAges with(InstantSource clock) {
        return new SourceAges(clock);
    }

    /**
     * The age of one name.
     *
     * @param name the name
     * @return its age, or null when nobody asks for it or its source has said nothing yet
     */
    public @Nullable Age of(String name) {
        return ages.get(name);
    }

    /**
     * The ages of all names.
     *
     * @return a copy
     */
    public Map<String, Age> all() {
        return Map.copyOf(ages);
    }

    @Override
    public void current(String name) {
        Instant now = clock.instant();
        ages.put(name, new Age(now, null, null));
    }

    @Override
    public void away(String name, Throwable cause) {
        Instant now = clock.instant();
        ages.compute(name, (key, age) -> (age == null ? Age.NOTHING : age).awayAt(now, cause));
    }

    @Override
    public void left(String name) {
        ages.remove(name);
    }
}
