package io.headgate.profile;

import io.headgate.Service;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The service of a {@link TrafficSplit}: owns its targets, and the one below for as long as there are none. */
final class SplitService<I, O> implements Service<I, O> {

    private static final Logger LOG = LoggerFactory.getLogger(TrafficSplit.class);

    private final Service<I, O> next;
    private final TargetSet<I, O> targets;
    private final Disposable subscription;
    private final String kind;
    private volatile boolean closed;

    SplitService(
            Service<I, O> next,
            TargetSet<I, O> targets,
            Flux<List<WeightedTarget>> lists,
            Consumer<List<WeightedTarget>> update,
            boolean weighted) {
        this.next = next;
        this.targets = targets;
        this.kind = weighted ? "traffic-split" : "failover";
        this.subscription = lists.subscribe(
                list -> updateOrKeep(update, list),
                error -> LOG.warn("{}: no more lists of targets, the last one stays", kind, error));
    }

    private void updateOrKeep(Consumer<List<WeightedTarget>> update, List<WeightedTarget> list) {
        try {
            update.accept(list);
        } catch (RuntimeException e) {
            LOG.warn("{}: list {} cannot be used, the last one stays", kind, list, e);
        }
    }

    @Override
    public Mono<O> call(I input) {
        return targets.isEmpty() ? next.call(input) : targets.call(input, null);
    }

    @Override
    public Status status() {
        if (closed) {
            return Status.CLOSED;
        }
        return targets.isEmpty() ? next.status() : targets.status();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.defer(() -> {
            closed = true;
            subscription.dispose();
            return Mono.whenDelayError(targets.closeAsync(grace), next.closeAsync(grace));
        });
    }

    @Override
    public String describe() {
        return this + "\n" + next.describe();
    }

    @Override
    public String toString() {
        return kind + " to [" + targets.describe() + "]";
    }
}
