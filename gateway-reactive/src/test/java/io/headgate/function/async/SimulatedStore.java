package io.headgate.function.async;

import io.headgate.function.model.CallRecord;
import io.headgate.function.model.Page;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The store of a history as one process sees it: slow, at times away, and at times it fails after it has done its work. */
record SimulatedStore(AsyncHistory history, SimulatedProcess process) implements CallStore {

    private <T> Mono<T> ask(Supplier<Mono<T>> answer) {
        return Mono.defer(() -> {
            int luck = history.random.nextInt(100);
            boolean isDown = history.isStoreDown || luck < 2 && history.isRough;
            if (luck == 99 && history.isRough || process.isDead()) {
                return Mono.never();
            }
            return history.after(history.upTo(200)).then(Mono.defer(() -> {
                if (isDown || process.isDead()) {
                    return failed();
                }
                Mono<T> done = answer.get().cache(); // done, even if nobody hears of it
                return luck == 98 && history.isRough
                        ? done.then(failed())
                        : done.delayUntil(some -> history.after(history.upTo(200)))
                                .filter(some -> !process.isDead());
            }));
        });
    }

    private static <T> Mono<T> failed() {
        return Mono.error(new IOException("the store is away"));
    }

    @Override
    public Mono<Void> add(QueuedCall call) {
        return ask(() -> history.store.add(call));
    }

    @Override
    public Mono<List<LeasedCall>> lease(LeaseRequest request) {
        return ask(() -> history.store.lease(request));
    }

    @Override
    public Mono<Boolean> renew(LeasedCall call, Instant until) {
        return ask(() -> history.store.renew(call, until));
    }

    @Override
    public Mono<Boolean> giveBack(LeasedCall call, Instant dueAt, @Nullable String why) {
        return ask(() -> history.store.giveBack(call, dueAt, why));
    }

    @Override
    public Mono<Boolean> end(LeasedCall call, CallEnd end) {
        return ask(() -> history.store.end(call, end).doOnNext(isDone -> {
            if (isDone && end.status().isEnded()) {
                history.ended(call, end);
            }
        }));
    }

    @Override
    public Mono<Boolean> cancel(String fnId, String id, Instant now) {
        return ask(() -> history.store.cancel(fnId, id, now));
    }

    @Override
    public Mono<Boolean> revive(String fnId, String id, Instant now) {
        return ask(() -> history.store.revive(fnId, id, now));
    }

    @Override
    public Mono<CallRecord> call(String fnId, String id) {
        return ask(() -> history.store.call(fnId, id));
    }

    @Override
    public Mono<Page<CallRecord>> calls(Filter filter, @Nullable String after, int size) {
        return ask(() -> history.store.calls(filter, after, size));
    }

    @Override
    public Mono<CallResult> result(String fnId, String id) {
        return ask(() -> history.store.result(fnId, id));
    }

    @Override
    public Mono<byte[]> log(String fnId, String id) {
        return ask(() -> history.store.log(fnId, id));
    }

    @Override
    public Mono<Instant> nextDue(Set<String> except) {
        return ask(() -> history.store.nextDue(except));
    }

    @Override
    public Mono<Long> forget(Instant before, int max) {
        return ask(() -> history.store.forget(before, max));
    }

    @Override
    public Mono<Long> open(String fnId, int most) {
        return ask(() -> history.store.open(fnId, most));
    }

    @Override
    public Mono<Backlog> backlog() {
        return ask(history.store::backlog);
    }
}
