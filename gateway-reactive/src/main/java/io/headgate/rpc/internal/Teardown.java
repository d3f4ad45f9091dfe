package io.headgate.rpc.internal;

import io.headgate.rpc.RpcStats.Phase;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens the layers of a connection from the bottom up and takes them down from the top, one after the other: a layer drains,
 * then closes, and only then the layer below it begins to drain.
 *
 * <pre>
 *               OPENED          DRAIN           DRAINED         CLOSED          ABORT
 *   OPENING     OPEN            DRAINING        -               -               ABORTED
 *   OPEN        -               DRAINING        -               -               ABORTED
 *   DRAINING    -               -               CLOSING         -               ABORTED
 *   CLOSING     -               -               -               CLOSED          ABORTED
 *   CLOSED      -               -               -               -               -
 *   ABORTED     -               -               -               -               -
 * </pre>
 *
 * <p>An event that the table has no entry for changes nothing, so it does no harm to say twice that something is over. The
 * machine knows no clock: {@link #tick} is told the time. Not thread-safe: everything happens on the thread of the connection.
 */
public final class Teardown {

    /** What happens to a layer. */
    private enum Event {
        OPENED,
        DRAIN,
        DRAINED,
        CLOSED,
        ABORT
    }

    /** One layer of a connection. What it is told may be answered at once or later, by a call of the teardown. */
    public interface Layer {

        /**
         * The name for observers.
         *
         * @return the name
         */
        String name();

        /** Begin nothing new, and say {@link Teardown#drained} when nothing is under way. */
        void drain();

        /** The time for draining is over: cut what is under way, and say {@link Teardown#drained} now. */
        void cut();

        /** Say goodbye, and say {@link Teardown#closed} when the other side has said it. */
        void close();
    }

    /** Is told what happens. */
    public interface Listener {

        /**
         * A layer entered a phase.
         *
         * @param layer the layer
         * @param phase the phase
         * @param nanos how long the phase before it took
         */
        void onPhase(Layer layer, Phase phase, long nanos);

        /**
         * All layers are closed, or a deadline passed or something broke. Told once.
         *
         * @param late the layer whose deadline passed, or null
         * @param clean whether all layers were closed
         */
        void onEnd(@Nullable Layer late, boolean clean);
    }

    private final List<Layer> layers; // topmost first
    private final Phase[] phases;
    private final long[] since;
    private final Listener listener;
    private final long closeNanos;
    private int current; // the layer that is taken down
    private long now;
    private long deadline = Long.MAX_VALUE;
    private boolean ended;

    /**
     * All layers are opening.
     *
     * @param layers topmost first
     * @param openNanos how long they may take to open, together
     * @param closeNanos how long goodbyes may take, all layers together
     * @param now the time
     * @param listener is told what happens
     */
    public Teardown(List<? extends Layer> layers, long openNanos, long closeNanos, long now, Listener listener) {
        this.layers = List.copyOf(layers);
        this.phases = new Phase[layers.size()];
        this.since = new long[layers.size()];
        this.closeNanos = closeNanos;
        this.listener = listener;
        this.now = now;
        Arrays.fill(phases, Phase.OPENING);
        Arrays.fill(since, now);
        deadline = now + openNanos;
    }

    /**
     * A layer is open.
     *
     * @param layer the layer
     */
    public void opened(Layer layer) {
        enter(layers.indexOf(layer), Event.OPENED);
        if (phase() == Phase.OPEN) {
            deadline = Long.MAX_VALUE;
        }
    }

    /**
     * Begins to take the layers down, whoever wants it. Again: the earlier end of draining counts.
     *
     * @param graceNanos how long the topmost layer may drain
     */
    public void begin(long graceNanos) {
        if (ended) {
            return;
        }
        long limit = now + Math.min(graceNanos, Long.MAX_VALUE / 4);
        if (enter(0, Event.DRAIN)) {
            deadline = limit;
            layers.get(0).drain();
        } else if (current == 0 && phases[0] == Phase.DRAINING) {
            deadline = Math.min(deadline, limit);
        }
    }

    /**
     * Nothing is under way in a layer any more. Said of a layer that is not draining, it changes nothing.
     *
     * @param layer the layer
     */
    public void drained(Layer layer) {
        int index = layers.indexOf(layer);
        if (enter(index, Event.DRAINED)) {
            if (index == 0) {
                deadline = now + closeNanos;
            }
            layer.close();
        }
    }

    /**
     * Both sides of a layer said goodbye.
     *
     * @param layer the layer
     */
    public void closed(Layer layer) {
        int index = layers.indexOf(layer);
        if (!enter(index, Event.CLOSED)) {
            return;
        }
        current = index + 1;
        if (current == phases.length) {
            end(null, true);
        } else if (enter(current, Event.DRAIN)) {
            layers.get(current).drain();
        }
    }

    /** Everything is over now. */
    public void abort() {
        if (!ended) {
            for (int i = 0; i < phases.length; i++) {
                enter(i, Event.ABORT);
            }
            end(null, false);
        }
    }

    /**
     * The time passes: cuts what drained too long, and gives up on goodbyes that are late.
     *
     * @param nanos the time
     */
    public void tick(long nanos) {
        now = nanos;
        if (ended || deadline == Long.MAX_VALUE || nanos - deadline < 0) {
            return;
        }
        Layer late = layers.get(current);
        if (current == 0 && phases[0] == Phase.DRAINING) {
            deadline = nanos + closeNanos;
            late.cut();
        } else {
            for (int i = 0; i < phases.length; i++) {
                enter(i, Event.ABORT);
            }
            end(late, false);
        }
    }

    /**
     * The phase of the topmost layer that is not closed: where the connection is.
     *
     * @return the phase
     */
    public Phase phase() {
        for (Phase phase : phases) {
            if (phase != Phase.CLOSED) {
                return phase;
            }
        }
        return Phase.CLOSED;
    }

    /**
     * Where one layer is.
     *
     * @param layer the layer
     * @return its phase
     */
    public Phase phase(Layer layer) {
        return phases[layers.indexOf(layer)];
    }

    private void end(@Nullable Layer late, boolean clean) {
        if (!ended) {
            ended = true;
            listener.onEnd(late, clean);
        }
    }

    private boolean enter(int index, Event event) {
        Phase next = next(phases[index], event);
        if (next == null) {
            return false;
        }
        long took = now - since[index];
        phases[index] = next;
        since[index] = now;
        listener.onPhase(layers.get(index), next, took);
        return true;
    }

    /** The entry of the table, or null. */
    private static @Nullable Phase next(Phase phase, Event event) {
        if (event == Event.ABORT) {
            return phase == Phase.CLOSED || phase == Phase.ABORTED ? null : Phase.ABORTED;
        }
        return switch (phase) {
            case OPENING -> event == Event.OPENED ? Phase.OPEN : event == Event.DRAIN ? Phase.DRAINING : null;
            case OPEN -> event == Event.DRAIN ? Phase.DRAINING : null;
            case DRAINING -> event == Event.DRAINED ? Phase.CLOSING : null;
            case CLOSING -> event == Event.CLOSED ? Phase.CLOSED : null;
            case CLOSED, ABORTED -> null;
        };
    }
}
