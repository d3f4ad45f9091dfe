package io.headgate.metrics;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The series of functions, of which there are never more than some. When there is no room for one more, those are taken out that nothing has
 * happened to for a minute at least; while there are none, the newcomer shares a series with others like it. Any thread; who is there
 * already is found without a lock.
 */
final class FunctionTable<K extends Record, S extends FunctionTable.Series> {

    /** The tag value of all for whom there is no room. */
    static final String OTHER = "_OTHER";

    private static final long BETWEEN_LOOKS = TimeUnit.MINUTES.toNanos(1);

    /** What is shown of one function. */
    abstract static class Series {

        private volatile boolean touched = true; // since the last look

        private void touch() {
            if (!touched) {
                touched = true;
            }
        }

        abstract void close();
    }

    private final int most;
    private final K others;
    private final Function<K, S> made;
    private final LongSupplier clock;
    private final ConcurrentMap<K, S> series = new ConcurrentHashMap<>();
    private volatile @Nullable S other;
    private volatile long nextLook;

    /**
     * Empty.
     *
     * @param others the key that all have for whom there is no room
     * @param made makes the series of a key
     */
    FunctionTable(int most, K others, Function<K, S> made, LongSupplier clock) {
        this.most = most;
        this.others = others;
        this.made = made;
        this.clock = clock;
        this.nextLook = clock.getAsLong();
    }

    S of(K key) {
        S known = series.get(key);
        if (known == null) {
            known = join(key);
        }
        ((Series) known).touch();
        return known;
    }

    private S join(K key) {
        S shared = other;
        if (shared != null && series.size() >= most && clock.getAsLong() - nextLook < 0) {
            return shared;
        }
        synchronized (this) {
            S known = series.get(key);
            if (known != null) {
                return known;
            }
            if (series.size() < most || makeRoom()) {
                return add(key);
            }
            return other();
        }
    }

    private S add(K key) {
        S added = made.apply(key);
        series.put(key, added);
        return added;
    }

    private S other() {
        S shared = other;
        if (shared == null) {
            shared = made.apply(others);
            other = shared;
        }
        return shared;
    }

    private boolean makeRoom() {
        long now = clock.getAsLong();
        if (now - nextLook < 0) {
            return false;
        }
        nextLook = now + BETWEEN_LOOKS;
        series.values().removeIf(one -> {
            Series each = one;
            boolean leaves = !each.touched;
            each.touched = false;
            if (leaves) {
                one.close();
            }
            return leaves;
        });
        return series.size() < most;
    }

    int size() {
        return series.size();
    }

    synchronized void close() {
        series.values().forEach(Series::close);
        series.clear();
        S shared = other;
        if (shared != null) {
            shared.close();
        }
    }
}
