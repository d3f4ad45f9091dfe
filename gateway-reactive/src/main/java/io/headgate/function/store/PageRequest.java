package io.headgate.function.store;

import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is wanted. Lists are sorted by name, character by character as code points compare, and triggers of one name by
 * id.
 *
 * <p>What a part begins behind is a name, for triggers {@code name/id}: their names are unique in a function and not in an
 * application.
 *
 * @param after the {@link Page#next} of the part before, or null for the first
 * @param size items at most, 1 to 100
 */
public record PageRequest(@Nullable String after, int size) {

    /** Items of a part unless said otherwise. */
    public static final int DEFAULT_SIZE = 30;

    /** Items of a part at most. */
    public static final int MAX_SIZE = 100;

    /** The first thirty. */
    public static final PageRequest FIRST = new PageRequest(null, DEFAULT_SIZE);

    private static final char TRIGGER_MARK = '/'; // no name of a trigger has one

    /** Checks the size. */
    public PageRequest {
        if (size < 1 || size > MAX_SIZE) {
            throw new IllegalArgumentException("size: " + size + " (expected: 1 to " + MAX_SIZE + ")");
        }
    }

    /**
     * The name that the part begins at or behind.
     *
     * @return the name without the id of a trigger, or null for the first part
     */
    public @Nullable String afterName() {
        if (after == null) {
            return null;
        }
        int mark = after.lastIndexOf(TRIGGER_MARK);
        return mark < 0 ? after : after.substring(0, mark);
    }

    /**
     * The id of the trigger that the part begins behind, among those named {@link #afterName}.
     *
     * @return the id, empty when there is none
     */
    public String afterId() {
        if (after == null) {
            return "";
        }
        int mark = after.lastIndexOf(TRIGGER_MARK);
        return mark < 0 ? "" : after.substring(mark + 1);
    }

    /**
     * The part of a list that was asked for.
     *
     * @param items its items, no more than asked for
     * @param name the name of an item
     * @param <T> what is listed
     * @return the part, which says how to go on when it is full
     */
    public <T> Page<T> page(List<T> items, Function<T, String> name) {
        return new Page<>(items, items.size() < size ? null : name.apply(items.get(items.size() - 1)));
    }

    /**
     * The part of a list of triggers that was asked for.
     *
     * @param items the triggers, no more than asked for
     * @return the part, which says how to go on when it is full
     */
    public Page<Trigger> triggerPage(List<Trigger> items) {
        return page(items, trigger -> trigger.name() + TRIGGER_MARK + trigger.id());
    }
}
