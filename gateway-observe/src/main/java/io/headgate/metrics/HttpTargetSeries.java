package io.headgate.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The series of one target. What occurs for the first time takes a lock and registers; after that a recorder is found by index,
 * with plain reads of arrays.
 */
final class HttpTargetSeries {

    private static final Logger LOG = LoggerFactory.getLogger(HttpTargetSeries.class);

    private static final int CHUNKS = 6; // 1xx to 5xx, and all else
    private static final int CHUNK = 100;

    /** The requests of a target that have the same traits. */
    static final class Requests {

        private final HttpTargetSeries of;
        private final int index;
        private volatile @Nullable HttpRecorder seen;
        private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Ends>> replies =
                new AtomicReferenceArray<>(CHUNKS);

        Requests(HttpTargetSeries of, int index) {
            this.of = of;
            this.index = index;
        }

        HttpTargetSeries of() {
            return of;
        }

        /** What counts those that are seen. */
        HttpRecorder seen() {
            HttpRecorder known = seen;
            return known == null ? of.bind(this) : known;
        }

        /** What records an end of a status and a verdict. */
        HttpRecorder reply(int status, int verdict) {
            of.touch();
            boolean known = status >= CHUNK && status < CHUNKS * CHUNK;
            AtomicReferenceArray<@Nullable Ends> chunk = replies.get(known ? status / CHUNK - 1 : CHUNKS - 1);
            Ends ends = chunk == null ? null : chunk.get(known ? status % CHUNK : 0);
            HttpRecorder recorder = ends == null ? null : ends.get(verdict);
            return recorder == null ? of.bind(this, known ? status : HttpReplyTraits.NO_STATUS, verdict) : recorder;
        }

        /** Under the lock. */
        private Ends ends(int status) {
            int at = status < 0 ? CHUNKS - 1 : status / CHUNK - 1;
            AtomicReferenceArray<@Nullable Ends> chunk = replies.get(at);
            if (chunk == null) {
                chunk = new AtomicReferenceArray<>(status < 0 ? 1 : CHUNK);
                replies.set(at, chunk);
            }
            int slot = status < 0 ? 0 : status % CHUNK;
            Ends ends = chunk.get(slot);
            if (ends == null) {
                ends = new Ends(of.owner.verdicts().limit());
                chunk.set(slot, ends);
            }
            return ends;
        }
    }

    /** By verdict. */
    private static final class Ends extends AtomicReferenceArray<@Nullable HttpRecorder> {

        private static final long serialVersionUID = 1L;

        Ends(int verdicts) {
            super(verdicts);
        }
    }

    private final HttpTargets owner;
    private final HttpTarget target;
    private final AtomicReferenceArray<@Nullable Requests> requests =
            new AtomicReferenceArray<>(HttpRequestTraits.COUNT);
    private boolean touched; // plain: a write that is seen late makes series live a little longer or shorter

    // guarded by the lock of the owner
    private final List<HttpSeries> taken = new ArrayList<>();
    private final Map<List<HttpSeries>, HttpRecorder> recorders = new HashMap<>();
    private @Nullable HttpRecorder otherRequests;
    private @Nullable HttpRecorder otherReplies;
    private int holders;
    private long lastUse;
    private boolean gone;

    HttpTargetSeries(HttpTargets owner, HttpTarget target) {
        this.owner = owner;
        this.target = target;
        this.lastUse = owner.now();
    }

    HttpTargets owner() {
        return owner;
    }

    HttpTarget target() {
        return target;
    }

    // ---- the hot path

    /** Somebody has used it. */
    void touch() {
        if (!touched) { // so that the line stays shared
            touched = true;
        }
    }

    /** What records requests of an index of {@link HttpRequestTraits}. */
    Requests requests(int index) {
        touch();
        Requests known = requests.get(index);
        return known == null ? bind(index) : known;
    }

    // ---- what occurs for the first time

    private Requests bind(int index) {
        synchronized (owner.lock()) {
            Requests known = requests.get(index);
            if (known == null) {
                known = new Requests(this, index);
                requests.set(index, known);
            }
            return known;
        }
    }

    private HttpRecorder bind(Requests of) {
        synchronized (owner.lock()) {
            HttpRecorder known = of.seen;
            if (known == null) {
                known = guarded(() -> {
                    HttpRecorder own = recorder(owner.convention().requests(target, HttpRequestTraits.at(of.index)));
                    return own == null ? otherRequests() : own;
                });
                of.seen = known;
            }
            return known;
        }
    }

    private HttpRecorder bind(Requests of, int status, int verdict) {
        synchronized (owner.lock()) {
            Ends ends = of.ends(status);
            HttpRecorder known = ends.get(verdict);
            if (known == null) {
                HttpReplyTraits reply =
                        new HttpReplyTraits(status, owner.verdicts().at(verdict));
                known = guarded(() -> {
                    HttpRecorder own =
                            recorder(owner.convention().replies(target, HttpRequestTraits.at(of.index), reply));
                    return own == null ? otherReplies() : own;
                });
                ends.set(verdict, known);
            }
            return known;
        }
    }

    /** What a convention or a registry throws must not hurt the exchange; it is told once for each combination. */
    private HttpRecorder guarded(Supplier<HttpRecorder> binding) {
        try {
            return binding.get();
        } catch (RuntimeException e) {
            LOG.error("metrics of {}: no series by {}", target, owner.convention(), e);
            return HttpRecorder.NONE;
        }
    }

    private HttpRecorder otherRequests() {
        if (otherRequests == null) {
            otherRequests = beyond(owner.convention().requests(target, HttpRequestTraits.OTHER));
        }
        return otherRequests;
    }

    private HttpRecorder otherReplies() {
        if (otherReplies == null) {
            otherReplies = beyond(owner.convention().replies(target, HttpRequestTraits.OTHER, HttpReplyTraits.OTHER));
        }
        return otherReplies;
    }

    /** Binds series that belong to no request; those for which there is no room are recorded nowhere. */
    HttpRecorder bind(Supplier<? extends List<? extends HttpSeries>> series) {
        synchronized (owner.lock()) {
            return guarded(() -> {
                HttpRecorder own = recorder(List.copyOf(series.get()));
                return own == null ? HttpRecorder.NONE : own;
            });
        }
    }

    /** Binds series together; null when there are too many. */
    private @Nullable HttpRecorder recorder(List<HttpSeries> series) {
        HttpRecorder known = recorders.get(series);
        if (known != null) {
            return known;
        }
        if (taken.size() + series.size() > owner.settings().series()) {
            owner.overflowed();
            return null;
        }
        HttpRecorder bound = beyond(series);
        recorders.put(List.copyOf(series), bound);
        return bound;
    }

    private HttpRecorder beyond(List<HttpSeries> series) {
        if (gone) {
            return HttpRecorder.NONE; // an exchange that ends long after all others
        }
        List<HttpBound> bound = new ArrayList<>(series.size());
        for (HttpSeries each : series) {
            bound.add(owner.pool().take(each));
            taken.add(each);
        }
        return new HttpRecorder(bound);
    }

    // ---- how long it lives; under the lock of the owner

    void hold() {
        holders++;
    }

    void release(long now) {
        holders--;
        lastUse = now;
    }

    boolean isHeld() {
        return holders > 0 || isActive();
    }

    private boolean isActive() {
        for (HttpRecorder recorder : recorders.values()) {
            if (recorder.isActive()) {
                return true;
            }
        }
        return otherRequests != null && otherRequests.isActive();
    }

    /** Whether nobody holds it and nobody has used it for so long. */
    boolean isIdle(long now, long limit) {
        if (touched || isHeld()) {
            touched = false;
            lastUse = now;
            return false;
        }
        return now - lastUse >= limit;
    }

    /** Takes the series out of the registry. */
    void close() {
        gone = true;
        taken.forEach(owner.pool()::release);
        taken.clear();
        recorders.clear();
    }
}
