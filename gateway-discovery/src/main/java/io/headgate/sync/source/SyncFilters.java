package io.headgate.sync.source;

import io.headgate.FlowOperator;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * What stands between a source and those who follow it. Each is an operator on <i>state streams</i>, for {@link Flux#transform}, and has no
 * memory: demand, cancellation and errors pass through, statuses and {@link SyncEvent.Heard} as well.
 */
public final class SyncFilters {

    private SyncFilters() {}

    /**
     * Takes the value away from entries that are not valid, so that they count as deleted; their type stays.
     *
     * @param isValid is asked for each update that has a value; one that it throws for is not valid
     * @param refused is told of each update that was not valid, to count or to log it
     * @return the operator
     */
    public static FlowOperator<SyncEvent, SyncEvent> validating(
            Predicate<? super SyncUpdate> isValid, Consumer<? super SyncUpdate> refused) {
        Objects.requireNonNull(isValid, "isValid");
        Objects.requireNonNull(refused, "refused");
        return each(update -> {
            if (!update.isPresent() || isValid(isValid, update)) {
                return update;
            }
            refused.accept(update);
            return new SyncUpdate(
                    update.key(), null, update.revision(), update.resourceVersion(), update.ttl(), update.type());
        });
    }

    private static boolean isValid(Predicate<? super SyncUpdate> isValid, SyncUpdate update) {
        try {
            return isValid.test(update);
        } catch (RuntimeException unreadable) {
            return false;
        }
    }

    /**
     * Lets through what is under certain keys.
     *
     * @param prefixes how these keys begin, as text: {@code /a} lets {@code /ab} through, {@code /a/} does not; none lets nothing through
     * @return the operator
     */
    public static FlowOperator<SyncEvent, SyncEvent> under(String... prefixes) {
        List<String> all = List.of(prefixes);
        return each(update -> all.stream().anyMatch(update.key()::startsWith) ? update : null);
    }

    private static FlowOperator<SyncEvent, SyncEvent> each(Function<SyncUpdate, @Nullable SyncUpdate> filter) {
        return source ->
                source.mapNotNull(event -> event instanceof SyncEvent.Updates some ? filtered(some, filter) : event);
    }

    /** The same event when nothing has changed, so that a filter that has nothing to do copies nothing. */
    private static SyncEvent.@Nullable Updates filtered(
            SyncEvent.Updates event, Function<SyncUpdate, @Nullable SyncUpdate> filter) {
        List<SyncUpdate> updates = event.updates();
        List<SyncUpdate> kept = null;
        for (int i = 0; i < updates.size(); i++) {
            SyncUpdate before = updates.get(i);
            SyncUpdate after = filter.apply(before);
            if (kept == null && after != before) {
                kept = new ArrayList<>(updates.subList(0, i));
            }
            if (kept != null && after != null) {
                kept.add(after);
            }
        }
        if (kept == null) {
            return event;
        }
        return kept.isEmpty() ? null : new SyncEvent.Updates(kept);
    }
}
