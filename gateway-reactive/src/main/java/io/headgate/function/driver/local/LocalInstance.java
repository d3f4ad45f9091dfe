package io.headgate.function.driver.local;

import io.headgate.Service;
import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** An instance that lives in this process: a service, and the calls that it has. */
final class LocalInstance implements Instance {

    private final String id;
    private final Service<InstanceRequest, InstanceReply> service;
    private final Scheduler scheduler;
    private final Set<LocalRun> runs = ConcurrentHashMap.newKeySet();
    private final Sinks.One<String> end = Sinks.one();
    private volatile boolean stopping;
    private volatile boolean over;

    LocalInstance(String id, Service<InstanceRequest, InstanceReply> service, Scheduler scheduler) {
        this.id = id;
        this.service = service;
        this.scheduler = scheduler;
    }

    @Override
    public Mono<InstanceReply> call(InstanceRequest request) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super InstanceReply> actual) {
                LocalRun run = new LocalRun(LocalInstance.this, request, actual);
                actual.onSubscribe(run);
                begin(run);
            }
        };
    }

    /** The caller may leave, and the instance end, at any time. */
    private void begin(LocalRun run) {
        runs.add(run);
        if (run.isOver()) {
            left(run);
        } else if (stopping) {
            run.refuse();
            left(run);
        } else {
            run.start(service);
        }
    }

    /** A call has ended; the last one that a stopping instance waited for ends it. */
    void left(LocalRun run) {
        runs.remove(run);
        if (stopping && runs.isEmpty()) {
            kill("stopped");
        }
    }

    @Override
    public Mono<Void> freeze() {
        return Mono.empty();
    }

    @Override
    public Mono<Void> unfreeze() {
        return Mono.empty();
    }

    @Override
    public Mono<String> ended() {
        return end.asMono();
    }

    @Override
    public Mono<Void> stop(Duration grace) {
        return Mono.defer(() -> {
            stopping = true;
            if (runs.isEmpty() || grace.isZero()) {
                kill("stopped");
                return Mono.empty();
            }
            return ended().timeout(grace, Mono.fromRunnable(() -> kill("stopped in the middle of a call")), scheduler)
                    .then();
        });
    }

    /** Ends the instance; the calls that it has fail. */
    void kill(String why) {
        stopping = true;
        if (over) {
            return;
        }
        over = true;
        end.tryEmitValue(why);
        runs.forEach(LocalRun::kill);
    }

    @Override
    public String toString() {
        return "local instance " + id;
    }
}
