package io.headgate.balance;

import io.headgate.Deadline;
import io.headgate.balance.internal.Node;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Endpoints that have left: each is closed after its last call, or when its time is over. */
final class Departures {

    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

    private final Scheduler timer;
    private final Set<Node> leaving = ConcurrentHashMap.newKeySet();

    Departures(Scheduler timer) {
        this.timer = timer;
    }

    /** One that {@link #closeAll} is to close. */
    void add(Node node) {
        leaving.add(node);
    }

    void begin(Node node, Duration grace) {
        leaving.add(node);
        close(node, grace).subscribe(nothing -> {}, e -> LOG.warn("{} did not close", node, e));
    }

    /** Closes all that have not closed yet, within another grace. */
    Mono<Void> closeAll(Duration grace) {
        return Mono.when(leaving.stream().map(node -> close(node, grace)).toList());
    }

    private Mono<Void> close(Node node, Duration grace) {
        Deadline end = Deadline.after(grace);
        Mono<Void> idle = Mono.fromFuture(node::retire, true);
        Mono<Void> ended = grace.isZero() ? Mono.fromRunnable(node::retire) : idle.timeout(grace, Mono.empty(), timer);
        return ended.then(Mono.defer(() -> node.service().closeAsync(left(end))))
                .doFinally(signal -> leaving.remove(node));
    }

    private static Duration left(Deadline end) {
        return Duration.ofNanos(Math.max(0, end.remainingNanos()));
    }
}
