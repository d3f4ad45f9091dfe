package io.headgate.resolve;

import java.util.List;
import java.util.function.Function;

/**
 * A step from one state of a set to the next. A stream of updates begins with {@link Reset} or {@link Absent}; applying all
 * of them in order gives the set.
 *
 * <p>Updates may be redundant: an upsert of what is known with equal metadata, and a removal of what is not, change nothing.
 *
 * @param <T> the members, for example {@link Endpoint}
 */
public sealed interface Update<T> {

    /** What becomes of the work in progress at a member that leaves. */
    enum Departure {
        /** It may finish: the member only takes nothing new. */
        DRAIN,
        /** It is ended: the member is known to be gone. */
        DROP
    }

    /**
     * The set is exactly this from now on; what is not in it drains. An empty set is one that exists and has no members now.
     *
     * @param members all of them
     * @param <T> the members
     */
    record Reset<T>(List<T> members) implements Update<T> {

        /** Copies the list. */
        public Reset {
            members = List.copyOf(members);
        }
    }

    /**
     * Members have come, or have changed.
     *
     * @param members those; each takes the place of the one known by the same key
     * @param <T> the members
     */
    record Upsert<T>(List<T> members) implements Update<T> {

        /** Copies the list. */
        public Upsert {
            members = List.copyOf(members);
        }
    }

    /**
     * Members have left.
     *
     * @param members those; only what they are known by counts, for an endpoint its address
     * @param departure what becomes of the work in progress at them
     * @param <T> the members
     */
    record Remove<T>(List<T> members, Departure departure) implements Update<T> {

        /** Copies the list. */
        public Remove {
            members = List.copyOf(members);
        }
    }

    /**
     * The name is not known to the source: there is no set, not even an empty one. What was in it drains, and another source
     * may be asked.
     *
     * @param <T> the members
     */
    record Absent<T>() implements Update<T> {}

    /**
     * This update with its members changed one by one.
     *
     * @param change makes the new member of an old one; must keep members apart that are apart
     * @param <R> the new members
     * @return the update
     */
    default <R> Update<R> map(Function<? super T, ? extends R> change) {
        if (this instanceof Reset<T> reset) {
            return new Reset<>(mapped(reset.members, change));
        } else if (this instanceof Upsert<T> upsert) {
            return new Upsert<>(mapped(upsert.members, change));
        } else if (this instanceof Remove<T> remove) {
            return new Remove<>(mapped(remove.members, change), remove.departure);
        }
        return new Absent<>();
    }

    private static <T, R> List<R> mapped(List<T> members, Function<? super T, ? extends R> change) {
        return members.stream().<R>map(change).toList();
    }
}
