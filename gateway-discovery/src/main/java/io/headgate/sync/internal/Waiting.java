package io.headgate.sync.internal;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something that waits to be told: linked to its neighbours, so that it can go from the middle. An instance of just this is a queue. */
class Waiting {

    private Waiting previous = this;
    private Waiting next = this;

    /** What is to be told first, or null when nothing waits. For the queue. */
    final @Nullable Waiting first() {
        return next == this ? null : next;
    }

    /** What is to be told last; the queue itself when nothing waits. */
    final Waiting last() {
        return previous;
    }

    /** Puts something at the end. For the queue. */
    final void add(Waiting item) {
        item.previous = previous;
        item.next = this;
        previous.next = item;
        previous = item;
    }

    /** Goes, and says what stood behind it. */
    final Waiting leave() {
        Waiting after = next;
        previous.next = after;
        after.previous = previous;
        previous = this;
        next = this;
        return after;
    }

    /** A key that was told or waits to be. It waits while it has an update. */
    static final class Key extends Waiting {

        final String name;

        @Nullable SyncUpdate update;

        boolean told;

        /** When the source named it last: before or after which restart. */
        int round;

        Key(String name, int round) {
            this.name = name;
            this.round = round;
        }

        SyncUpdate take() {
            SyncUpdate taken = Objects.requireNonNull(update);
            update = null;
            return taken;
        }
    }

    /** A change of status. */
    static final class Status extends Waiting {

        final SyncStatus now;
        private SyncStatus before;

        Status(SyncStatus before, SyncStatus now) {
            this.before = before;
            this.now = now;
        }

        /** Takes the place of a status that stands just before it, and goes if nothing has changed then. */
        void settle() {
            if (super.previous instanceof Status status) {
                before = status.before;
                status.leave();
                if (before == now) {
                    leave();
                }
            }
        }
    }

    /** That the source was heard of. */
    static final class Heard extends Waiting {

        Instant at;

        Heard(Instant at) {
            this.at = at;
        }
    }
}
