package io.headgate.sync.client;

import com.google.protobuf.ByteString;
import io.headgate.discovery.DocumentException;
import io.headgate.resolve.SourceObserver;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;

/**
 * The entries of one kind by name, each read as a document.
 *
 * <p><b>Threading.</b> The set is told by one thread at a time; subscribers come and go on any. The lock is not held while subscribers are
 * told, but while the observer is.
 *
 * @param <S> what a document says
 */
final class StateNames<S> {

    private static final Logger LOG = LoggerFactory.getLogger(SyncDiscovery.class);

    /**
     * What entries of one kind are.
     *
     * @param prefix of their keys
     * @param reader of their values: where from, and the bytes; fails with a {@link DocumentException}
     * @param absent what is said of a name without an entry
     * @param observer is told whether what was said is current
     */
    record Kind<S>(String prefix, BiFunction<String, byte[], S> reader, S absent, SourceObserver observer) {

        Kind<S> withPrefix(String changed) {
            return new Kind<>(changed, reader, absent, observer);
        }

        Kind<S> withObserver(SourceObserver changed) {
            return new Kind<>(prefix, reader, absent, changed);
        }
    }

    private final Kind<S> kind;
    private final DiscoveryCounts counts;
    private final Runnable left;

    // Guarded by this.
    private final Map<String, NamedState<S>> names = new HashMap<>();
    private int present;
    private int round;
    private boolean inSync;
    private @Nullable Throwable away;

    /** Names that nobody has told of yet. {@code left} is called for each subscriber that leaves. */
    StateNames(Kind<S> kind, DiscoveryCounts counts, Runnable left) {
        this.kind = kind;
        this.counts = counts;
        this.left = left;
    }

    synchronized int size() {
        return present;
    }

    // ---- the side of the set

    /** The set is about to be told from its start. */
    synchronized void begin() {
        round++;
        inSync = false;
    }

    /** Takes an update, if it is about an entry of this kind. */
    boolean take(SyncUpdate update) {
        if (!update.key().startsWith(kind.prefix)) {
            return false;
        }
        String name = EntryNames.unescape(update.key().substring(kind.prefix.length()));
        if (name == null) {
            counts.badKey(update.key());
            return true;
        }
        ByteString value = update.value();
        NamedState<S> changed = value == null ? removed(name) : read(name, update.key(), value);
        if (changed != null) {
            changed.tell();
        }
        return true;
    }

    private @Nullable NamedState<S> read(String name, String key, ByteString value) {
        try {
            return present(name, kind.reader.apply(key, value.toByteArray()));
        } catch (DocumentException nonsense) {
            counts.badDocument();
            LOG.warn("what is known of {} stays in force: {}", name, nonsense.getMessage());
            useless(name, nonsense);
            return null;
        }
    }

    private synchronized NamedState<S> present(String name, S state) {
        NamedState<S> named = entered(name);
        named.state(state);
        named.nonsense = null;
        if (named.isWanted()) {
            kind.observer.current(name);
        }
        return named;
    }

    private synchronized void useless(String name, DocumentException nonsense) {
        NamedState<S> named = entered(name);
        named.nonsense = nonsense;
        if (named.isWanted()) {
            kind.observer.away(name, nonsense);
        }
    }

    private NamedState<S> entered(String name) {
        NamedState<S> named = names.computeIfAbsent(name, NamedState::new);
        if (!named.isPresent) {
            named.isPresent = true;
            present++;
        }
        named.round = round;
        return named;
    }

    private synchronized @Nullable NamedState<S> removed(String name) {
        NamedState<S> named = names.get(name);
        if (named != null) {
            depart(named);
            if (!named.isWanted()) {
                names.remove(name);
            }
        }
        return named;
    }

    private void depart(NamedState<S> named) {
        if (named.isPresent) {
            named.isPresent = false;
            present--;
        }
        named.nonsense = null;
        named.state(kind.absent);
        if (named.isWanted()) {
            kind.observer.current(named.name);
        }
    }

    /** Takes a status; with the last of a telling it is known which names have no entry. */
    void status(SyncStatus status) {
        settled(status).forEach(NamedState::tell);
    }

    private synchronized List<NamedState<S>> settled(SyncStatus status) {
        inSync = status == SyncStatus.IN_SYNC;
        if (!inSync) {
            return List.of();
        }
        List<NamedState<S>> gone = new ArrayList<>();
        for (NamedState<S> named : names.values()) {
            if (named.isPresent ? named.round != round : named.state() == null) {
                depart(named);
                gone.add(named);
            }
        }
        names.values().removeIf(named -> !named.isPresent && !named.isWanted());
        confirm();
        return gone;
    }

    /** What was told is current. */
    synchronized void heard() {
        if (inSync) {
            confirm();
        }
    }

    private void confirm() {
        away = null;
        for (NamedState<S> named : names.values()) {
            if (named.isWanted() && named.nonsense == null) {
                kind.observer.current(named.name);
            }
        }
    }

    /** What was told may not be current. */
    synchronized void away(Throwable cause) {
        away = cause;
        inSync = false;
        for (NamedState<S> named : names.values()) {
            if (named.isWanted()) {
                kind.observer.away(named.name, cause);
            }
        }
    }

    // ---- the side of subscribers

    void join(String name, CoreSubscriber<? super S> actual) {
        StateSubscription<S> subscription = joined(name, actual);
        actual.onSubscribe(subscription);
        subscription.drain();
    }

    private synchronized StateSubscription<S> joined(String name, CoreSubscriber<? super S> actual) {
        NamedState<S> named = names.computeIfAbsent(name, NamedState::new);
        if (inSync && !named.isPresent) {
            named.state(kind.absent);
        }
        StateSubscription<S> subscription = new StateSubscription<>(actual, this, named);
        named.add(subscription);
        Throwable cause = named.nonsense == null ? away : named.nonsense;
        if (cause != null) {
            kind.observer.away(name, cause);
        } else if (inSync) {
            kind.observer.current(name);
        }
        return subscription;
    }

    void leave(StateSubscription<S> subscription) {
        synchronized (this) {
            NamedState<S> named = subscription.named();
            named.remove(subscription);
            if (!named.isWanted()) {
                kind.observer.left(named.name);
                if (!named.isPresent) {
                    names.remove(named.name, named);
                }
            }
        }
        left.run();
    }
}
