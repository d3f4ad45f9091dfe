package io.headgate.function.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Launches that wait for tokens, one for each queue. Those of queues without any instance go first, then those of queues that want one more;
 * each kind in the order in which they began to wait. One that does not fit lets smaller ones pass for as long as its patience lasts.
 *
 * <p>All under the lock of the {@link Foreman}, but for what is volatile.
 */
final class ClaimLine<I> {

    private final Foreman<I> foreman;
    private final Tokens tokens;
    private final long patienceNanos;
    private final Set<Unit<I>> line = new LinkedHashSet<>();
    private final Set<SlotQueue<I>> staffed = new LinkedHashSet<>();
    private @Nullable Unit<I> poorest;
    private volatile boolean hungry;

    ClaimLine(Foreman<I> foreman, Tokens tokens, long patienceNanos) {
        this.foreman = foreman;
        this.tokens = tokens;
        this.patienceNanos = patienceNanos;
    }

    /** Tells whether a launch waits that idle instances might make room for. */
    boolean isHungry() {
        return hungry;
    }

    void add(SlotQueue<I> queue, long now) {
        Unit<I> claim = new Unit<>(queue, now);
        queue.roster.claims(claim, now);
        line.add(claim);
    }

    void drop(Unit<I> claim, long now) {
        line.remove(claim);
        claim.queue.roster.claims(null, now);
        claim.become(Unit.DEAD);
    }

    /** The queue has lost its last instance. What it waited for before was one more; that does not put it before others without any. */
    void lineUpAgain(SlotQueue<I> queue, long now) {
        Unit<I> claim = queue.roster.claim();
        if (claim != null) {
            drop(claim, now);
            add(queue, now);
        }
    }

    void staffed(SlotQueue<I> queue, boolean is) {
        if (is) {
            staffed.add(queue);
        } else {
            staffed.remove(queue);
        }
    }

    /**
     * Launches what there are tokens for, and has idle instances make room for the rest. A queue that had to wait looks again whether it
     * needs more, because nobody did that for it in the meantime, and lines up behind all others.
     */
    void serve(long now) {
        List<SlotQueue<I>> launched = round(now);
        while (!launched.isEmpty()) {
            List<SlotQueue<I>> more = launched.stream()
                    .filter(queue -> queue.roster.needsOne(now))
                    .toList();
            more.forEach(queue -> add(queue, now)); // behind all who wait
            launched = more.isEmpty() ? more : round(now);
        }
    }

    private List<SlotQueue<I>> round(long now) {
        hungry = false;
        poorest = null;
        if (line.isEmpty()) {
            return List.of();
        }
        Round round = new Round(now);
        round.pass(true);
        round.pass(false);
        return round.launched;
    }

    /**
     * Who an instance whose call has ended makes room for, instead of taking the next call: a queue that has had none for long. The only
     * instance of a queue is left to it for as long as that.
     */
    @Nullable Workload claimantFor(Unit<I> unit, long now) {
        Unit<I> poor = poorest;
        Roster<I> roster = unit.queue.roster;
        if (poor == null || poor.queue == unit.queue || now - poor.claimedAt < patienceNanos) {
            return null;
        }
        if (unit.queue.waiting.get() == 0 || roster.size() <= roster.least) {
            return null; // it will be idle, or is to be kept
        }
        return roster.size() > 1 || now - unit.readyAt >= patienceNanos ? poor.queue.workload : null;
    }

    /** One look at the line from front to end. */
    private final class Round {

        final List<SlotQueue<I>> launched = new ArrayList<>();
        private final long now;
        private final List<Unit<I>> claims = List.copyOf(line); // evictions change the line
        private final Tokens.Room room = tokens.room();
        private @Nullable List<Unit<I>> candidates;
        private boolean reserved;

        Round(long now) {
            this.now = now;
        }

        /** Looks at queues without instances, or at those that have some. */
        void pass(boolean poor) {
            for (Unit<I> claim : claims) {
                Roster<I> roster = claim.queue.roster;
                if (claim.phase() != Unit.CLAIM || roster.isPoor() != poor) {
                    continue;
                }
                if (isOver()) {
                    return;
                }
                if (!roster.needsOne(now)) {
                    drop(claim, now);
                } else if (room.has(claim.queue.workload)) {
                    line.remove(claim);
                    room.reserve(claim.queue.workload);
                    if (claim.waited) {
                        launched.add(claim.queue);
                    }
                    foreman.launches(claim, now);
                } else {
                    waits(claim, poor);
                }
            }
        }

        /** Nothing is left, so that whoever comes next must wait as well. */
        private boolean isOver() {
            return hungry && room.isEmpty() && (reserved || candidates().isEmpty());
        }

        private void waits(Unit<I> claim, boolean poor) {
            Workload workload = claim.queue.workload;
            if (room.willHave(workload) || evictsFor(claim)) {
                claim.waited = true;
                room.reserve(workload);
                return;
            }
            hungry = true;
            claim.waited = true;
            if (poor && poorest == null) {
                poorest = claim;
                if (now - claim.claimedAt >= patienceNanos) {
                    room.reserve(workload);
                    reserved = true;
                }
            }
        }

        private boolean evictsFor(Unit<I> claim) {
            if (reserved || candidates().isEmpty()) {
                return false;
            }
            Workload workload = claim.queue.workload;
            List<Unit<I>> others = candidates().stream()
                    .filter(unit -> unit.queue != claim.queue)
                    .toList();
            List<Unit<I>> chosen = Evictor.choose(others, room.lacksMemory(workload), room.lacksCpu(workload));
            for (Unit<I> unit : chosen) {
                room.comes(unit.queue.workload);
                candidates().remove(unit);
                foreman.evicts(unit, workload, now);
            }
            return !chosen.isEmpty();
        }

        private List<Unit<I>> candidates() {
            List<Unit<I>> found = candidates;
            if (found == null) {
                found = new ArrayList<>();
                for (SlotQueue<I> queue : staffed) {
                    found.addAll(queue.roster.spare());
                }
                found.sort(Comparator.comparingLong(unit -> unit.idleSince - now));
                candidates = found;
            }
            return found;
        }
    }
}
