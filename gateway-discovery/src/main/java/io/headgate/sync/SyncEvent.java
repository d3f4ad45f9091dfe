package io.headgate.sync;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * One step of a synchronised set of entries.
 *
 * <p>A {@code Flux<SyncEvent>} of Headgate is a <b>state stream</b>. After each subscribe it tells the whole set as
 * {@link Updates}, then {@link Status} with {@link SyncStatus#IN_SYNC}, then changes for ever. It never completes and retries
 * inside. What it has told stays true while its source is away; once the source is back it says {@link SyncStatus#RESYNC},
 * what is new, deletions of what has vanished meanwhile, and then {@link SyncStatus#IN_SYNC}. A slow subscriber gets updates
 * of one key folded into the last of them: order is kept for a key and around each status, not between keys. Before its first
 * status {@link SyncStatus#WAIT_FOR_DATASTORE} holds.
 */
public sealed interface SyncEvent {

    /**
     * Entries that have changed, in order.
     *
     * @param updates at least one, as a rule; an empty list says nothing
     */
    record Updates(List<SyncUpdate> updates) implements SyncEvent {

        /** Copies the list. */
        public Updates {
            updates = List.copyOf(updates);
        }

        /**
         * Some entries.
         *
         * @param updates in order
         * @return the event
         */
        public static Updates of(SyncUpdate... updates) {
            return new Updates(List.of(updates));
        }
    }

    /**
     * The picture is as complete as this from here on.
     *
     * @param status how complete
     */
    record Status(SyncStatus status) implements SyncEvent {

        /** Checks that there is one. */
        public Status {
            Objects.requireNonNull(status, "status");
        }
    }

    /**
     * The source of all was heard of, whether or not anything has changed: everything until then has been told.
     *
     * @param at when, by the clock of whoever is nearest to the source
     */
    record Heard(Instant at) implements SyncEvent {

        /** Checks that there is one. */
        public Heard {
            Objects.requireNonNull(at, "at");
        }
    }
}
