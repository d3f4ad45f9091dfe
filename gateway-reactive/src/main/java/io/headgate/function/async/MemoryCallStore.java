package io.headgate.function.async;

import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Page;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps calls in memory: for tests, and where calls need not outlive the process.
 *
 * <p><b>Threading.</b> Any thread may call; signals come at once on the calling thread.
 */
public final class MemoryCallStore implements CallStore {

    /** How many calls are kept that have ended, unless said otherwise. */
    public static final int MOST_ENDED = 10_000;

    private final NavigableMap<String, StoredCall> calls = new TreeMap<>(); // all fields are guarded by this
    private final TreeSet<StoredCall> waiting =
            new TreeSet<>(Comparator.comparing(StoredCall::openAt).thenComparing(StoredCall::id));
    private final TreeSet<StoredCall> due = new TreeSet<>(
            Comparator.comparing((StoredCall call) -> call.call().rank()).thenComparing(StoredCall::id));
    private final TreeSet<StoredCall> ended =
            new TreeSet<>(Comparator.comparing(StoredCall::endedAt).thenComparing(StoredCall::id));
    private final Map<String, Long> open = new HashMap<>(); // by function
    private long leases;

    private final int mostEnded;

    /** An empty store that keeps {@value #MOST_ENDED} calls that have ended. */
    public MemoryCallStore() {
        this(MOST_ENDED);
    }

    /**
     * An empty store.
     *
     * @param mostEnded how many calls are kept that have ended, 1 or more; of more the longest ended are forgotten
     */
    public MemoryCallStore(int mostEnded) {
        if (mostEnded < 1) {
            throw new IllegalArgumentException("mostEnded: " + mostEnded + " (expected: at least 1)");
        }
        this.mostEnded = mostEnded;
    }

    @Override
    public Mono<Void> add(QueuedCall call) {
        return Mono.fromRunnable(() -> record(call));
    }

    private synchronized void record(QueuedCall call) {
        if (!calls.containsKey(call.id())) {
            StoredCall stored = new StoredCall(call);
            calls.put(call.id(), stored);
            waiting.add(stored);
            open.merge(call.fnId(), 1L, Long::sum);
        }
    }

    @Override
    public Mono<List<LeasedCall>> lease(LeaseRequest request) {
        return Mono.fromSupplier(() -> take(request));
    }

    private synchronized List<LeasedCall> take(LeaseRequest request) {
        while (!waiting.isEmpty() && !waiting.first().openAt().isAfter(request.now())) {
            due.add(waiting.pollFirst());
        }
        List<StoredCall> taken = due.stream()
                .filter(call -> !call.openAt().isAfter(request.now())) // another taker's clock may be ahead
                .filter(call -> isWanted(call, request.except()))
                .limit(request.max())
                .toList();
        List<LeasedCall> leased = new ArrayList<>(taken.size());
        for (StoredCall call : taken) {
            String lease = request.worker() + '-' + ++leases;
            change(call, it -> leased.add(it.lease(lease, request.now(), request.until())));
        }
        return leased;
    }

    private static boolean isWanted(StoredCall call, Set<String> except) {
        return !except.contains(call.call().fnId());
    }

    /** Takes a call out of the order that it is in, changes it, and puts it where it is due now. */
    private void change(StoredCall call, Consumer<StoredCall> edit) {
        waiting.remove(call);
        due.remove(call);
        boolean wasOpen = !ended.remove(call);
        edit.accept(call);
        boolean isOpen = !call.status().isEnded();
        (isOpen ? waiting : ended).add(call);
        if (ended.size() > mostEnded) {
            calls.remove(ended.pollFirst().id());
        }
        if (isOpen != wasOpen) {
            open.merge(call.call().fnId(), isOpen ? 1L : -1L, MemoryCallStore::sum);
        }
    }

    private static @Nullable Long sum(long some, long more) {
        return some + more == 0 ? null : Long.valueOf(some + more);
    }

    @Override
    public Mono<Boolean> renew(LeasedCall call, Instant until) {
        return held(call, stored -> stored.renew(until));
    }

    @Override
    public Mono<Boolean> giveBack(LeasedCall call, Instant dueAt, @Nullable String why) {
        return held(call, stored -> stored.giveBack(dueAt, why));
    }

    @Override
    public Mono<Boolean> end(LeasedCall call, CallEnd end) {
        return held(call, stored -> stored.end(end));
    }

    private Mono<Boolean> held(LeasedCall call, Consumer<StoredCall> edit) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                StoredCall stored = calls.get(call.call().id());
                if (stored == null || !stored.isLeasedBy(call)) {
                    return false;
                }
                change(stored, edit);
                return true;
            }
        });
    }

    @Override
    public Mono<Boolean> cancel(String fnId, String id, Instant now) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                StoredCall call = find(fnId, id);
                boolean waits = switch (call.status()) {
                    case QUEUED -> true;
                    case RUNNING -> !call.openAt().isAfter(now);
                    default -> false;
                };
                if (waits) {
                    change(call, it -> it.cancel(now));
                }
                return waits;
            }
        });
    }

    @Override
    public Mono<Boolean> revive(String fnId, String id, Instant now) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                StoredCall call = find(fnId, id);
                boolean dead = isDead(call);
                if (dead) {
                    change(call, it -> it.revive(now));
                }
                return dead;
            }
        });
    }

    private static boolean isDead(StoredCall call) {
        return call.status() == CallStatus.ERROR || call.status() == CallStatus.TIMEOUT;
    }

    private StoredCall find(String fnId, String id) {
        StoredCall call = calls.get(id);
        if (call == null || !call.call().fnId().equals(fnId)) {
            throw new FunctionException(
                    ErrorKind.NOT_FOUND, "call: " + id + " (expected: a recorded call of function " + fnId + ")");
        }
        return call;
    }

    @Override
    public Mono<CallRecord> call(String fnId, String id) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                return find(fnId, id).toRecord();
            }
        });
    }

    @Override
    public Mono<Page<CallRecord>> calls(Filter filter, @Nullable String after, int size) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                NavigableMap<String, StoredCall> older = after == null ? calls : calls.headMap(after, false);
                List<CallRecord> items = older.descendingMap().values().stream()
                        .map(StoredCall::toRecord)
                        .filter(call -> isWanted(call, filter))
                        .limit(size)
                        .toList();
                return new Page<>(
                        items, items.size() < size ? null : items.get(size - 1).id());
            }
        });
    }

    private static boolean isWanted(CallRecord call, Filter filter) {
        Instant from = filter.from();
        Instant to = filter.to();
        return call.fnId().equals(filter.fnId())
                && (filter.status() == null || call.status() == filter.status())
                && (from == null || !call.createdAt().isBefore(from))
                && (to == null || call.createdAt().isBefore(to));
    }

    @Override
    public Mono<CallResult> result(String fnId, String id) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                return find(fnId, id).result();
            }
        });
    }

    @Override
    public Mono<byte[]> log(String fnId, String id) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                return find(fnId, id).log();
            }
        });
    }

    @Override
    public Mono<Instant> nextDue(Set<String> except) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                Stream<StoredCall> first =
                        waiting.stream().filter(call -> isWanted(call, except)).limit(1);
                return Stream.concat(first, due.stream().filter(call -> isWanted(call, except)))
                        .map(StoredCall::openAt)
                        .min(Comparator.naturalOrder())
                        .orElse(null);
            }
        });
    }

    @Override
    public Mono<Long> forget(Instant before, int max) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                long count = 0;
                while (count < max
                        && !ended.isEmpty()
                        && ended.first().endedAt().isBefore(before)) {
                    calls.remove(ended.pollFirst().id());
                    count++;
                }
                return count;
            }
        });
    }

    @Override
    public Mono<Long> open(String fnId, int most) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                return Math.min(most, open.getOrDefault(fnId, 0L));
            }
        });
    }

    @Override
    public Mono<Backlog> backlog() {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                return new Backlog(
                        count(CallStatus.QUEUED),
                        count(CallStatus.RUNNING),
                        count(CallStatus.ERROR) + count(CallStatus.TIMEOUT),
                        calls.values().stream()
                                .filter(call -> call.status() == CallStatus.QUEUED)
                                .map(call -> call.call().createdAt())
                                .min(Comparator.naturalOrder())
                                .orElse(null));
            }
        });
    }

    private long count(CallStatus status) {
        return calls.values().stream().filter(call -> call.status() == status).count();
    }
}
