package io.headgate.function.async;

import io.headgate.function.model.CallRecord;
import io.headgate.function.model.Page;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A store that fails, or does not answer, when a test wants it to. */
final class UnsteadyStore implements CallStore {

    final List<String> asked = new ArrayList<>();
    Predicate<String> fails = operation -> false;
    Predicate<String> hangs = operation -> false;

    /** Does what it is asked to, and fails then. */
    Predicate<String> failsAfterwards = operation -> false;

    private final CallStore store;

    UnsteadyStore(CallStore store) {
        this.store = store;
    }

    private <T> Mono<T> ask(String operation, Supplier<Mono<T>> answer) {
        return Mono.defer(() -> {
            asked.add(operation);
            if (fails.test(operation)) {
                return Mono.error(new IOException(operation + ": connection refused"));
            }
            if (failsAfterwards.test(operation)) {
                return answer.get().then(Mono.error(new IOException(operation + ": connection reset")));
            }
            return hangs.test(operation) ? Mono.never() : answer.get();
        });
    }

    @Override
    public Mono<Void> add(QueuedCall call) {
        return ask("add", () -> store.add(call));
    }

    @Override
    public Mono<List<LeasedCall>> lease(LeaseRequest request) {
        return ask("lease", () -> store.lease(request));
    }

    @Override
    public Mono<Boolean> renew(LeasedCall call, Instant until) {
        return ask("renew", () -> store.renew(call, until));
    }

    @Override
    public Mono<Boolean> giveBack(LeasedCall call, Instant dueAt, @Nullable String why) {
        return ask("giveBack", () -> store.giveBack(call, dueAt, why));
    }

    @Override
    public Mono<Boolean> end(LeasedCall call, CallEnd end) {
        return ask("end " + end.status() + (end.result() == null ? "" : " with result"), () -> store.end(call, end));
    }

    @Override
    public Mono<Boolean> cancel(String fnId, String id, Instant now) {
        return ask("cancel", () -> store.cancel(fnId, id, now));
    }

    @Override
    public Mono<Boolean> revive(String fnId, String id, Instant now) {
        return ask("revive", () -> store.revive(fnId, id, now));
    }

    @Override
    public Mono<CallRecord> call(String fnId, String id) {
        return store.call(fnId, id);
    }

    @Override
    public Mono<Page<CallRecord>> calls(Filter filter, @Nullable String after, int size) {
        return store.calls(filter, after, size);
    }

    @Override
    public Mono<CallResult> result(String fnId, String id) {
        return store.result(fnId, id);
    }

    @Override
    public Mono<byte[]> log(String fnId, String id) {
        return store.log(fnId, id);
    }

    @Override
    public Mono<Instant> nextDue(Set<String> except) {
        return ask("nextDue", () -> store.nextDue(except));
    }

    @Override
    public Mono<Long> forget(Instant before, int max) {
        return ask("forget", () -> store.forget(before, max));
    }

    @Override
    public Mono<Long> open(String fnId, int most) {
        return ask("open", () -> store.open(fnId, most));
    }

    @Override
    public Mono<Backlog> backlog() {
        return store.backlog();
    }
}
