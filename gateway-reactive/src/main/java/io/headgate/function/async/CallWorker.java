package io.headgate.function.async;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Takes calls while there is room and has them run. It looks for calls in rounds, one at a time: when it is woken by a call that was
 * accepted here, by one that has ended here, or by a timer that is set to when the store has something due.
 */
final class CallWorker {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncCalls.class);

    /** Before the store is asked again for what it has said to be due and did not give. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(50);

    private final AsyncSetup setup;
    private final AsyncSettings settings;
    private final BusyFunctions busy;
    private final Forgetting forgetting;
    private final Set<RunningCall> running = ConcurrentHashMap.newKeySet();
    private final AtomicInteger wakes = new AtomicInteger();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Sinks.Empty<Void> stopped = Sinks.empty();
    private final Sinks.Empty<Void> abandoned = Sinks.empty();
    private final Sinks.Empty<Void> idle = Sinks.empty();
    private final Disposable.Swap next = Disposables.swap();
    private final Disposable.Swap grace = Disposables.swap();
    private final Disposable.Swap lastWord = Disposables.swap();
    private volatile boolean storeRests;
    private int seen; // of the round
    private long failures; // of rounds in a row

    CallWorker(AsyncSetup setup) {
        this.setup = setup;
        this.settings = setup.settings();
        this.busy = new BusyFunctions(setup, this::wake);
        this.forgetting = new Forgetting(setup);
    }

    void start() {
        forgetting.start();
        wake();
    }

    boolean isClosing() {
        return closing.get();
    }

    int running() {
        return running.size();
    }

    /** A call was recorded, so the store is well. */
    void accepted() {
        storeRests = false;
        wake();
    }

    /** Begins a round, or has the one under way followed by another one. */
    void wake() {
        if (wakes.getAndIncrement() == 0) {
            Mono.defer(this::round).repeat(this::isWokenAgain).subscribe(none -> {}, this::bug);
        }
    }

    private boolean isWokenAgain() {
        boolean again = wakes.addAndGet(-seen) != 0;
        if (!again) {
            endWhenIdle();
        }
        return again;
    }

    private Mono<Void> round() {
        seen = wakes.get();
        int room = settings.concurrency() - running.size();
        Set<String> resting = busy.resting();
        if (closing.get() || storeRests || room <= 0 || resting.size() >= BusyFunctions.MOST) {
            return Mono.empty(); // what ends that wakes
        }
        LeaseRequest request = new LeaseRequest(setup.name(), room, setup.now(), settings.lease(), resting);
        return setup.access()
                .once("lease", () -> setup.store().lease(request))
                .flatMap(calls -> took(calls, request))
                .onErrorResume(this::letStoreRest);
    }

    private Mono<Void> took(List<LeasedCall> calls, LeaseRequest request) {
        calls.forEach(this::run);
        if (calls.size() == request.max()) {
            storeIsWell();
            lookIn(settings.poll());
            return Mono.empty();
        }
        return setup.access()
                .once("nextDue", () -> setup.store().nextDue(busy.resting()))
                .map(due -> Duration.between(setup.now(), due))
                .defaultIfEmpty(settings.poll())
                .doOnNext(time -> {
                    storeIsWell();
                    lookIn(time);
                })
                .then();
    }

    private void lookIn(Duration time) {
        Duration poll = settings.poll()
                .multipliedBy(3 + Math.round(setup.random().getAsDouble()))
                .dividedBy(4);
        Duration wait = time.compareTo(poll) > 0 ? poll : time;
        next.update(in(wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait, this::wake));
    }

    private Mono<Void> letStoreRest(Throwable error) {
        if (failures++ == 0) {
            LOG.warn(
                    "The store of asynchronous calls has failed; {} asks again until it answers: {}",
                    setup.name(),
                    error.toString());
        }
        storeRests = true;
        next.update(in(setup.access().pause(failures), this::accepted));
        return Mono.empty();
    }

    private void storeIsWell() {
        if (failures > 0) {
            LOG.info("The store of asynchronous calls answers {} again", setup.name());
            failures = 0;
        }
    }

    private Disposable in(Duration time, Runnable task) {
        return setup.timer().schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void run(LeasedCall call) {
        RunningCall run = new RunningCall(setup, busy, call);
        running.add(run);
        setup.observer().leased(call);
        Mono<Void> stop = closing.get() ? Mono.empty() : stopped.asMono();
        run.run(stop, abandoned.asMono())
                .doFinally(end -> {
                    running.remove(run);
                    wake();
                })
                .subscribe(none -> {}, this::bug);
    }

    private void bug(Throwable error) {
        LOG.error("Asynchronous calls: a failure that was not foreseen", error);
    }

    Mono<Void> close(Duration time) {
        if (closing.compareAndSet(false, true)) {
            next.dispose();
            forgetting.stop();
            grace.update(in(time, this::stop));
            wake(); // ends when idle
        }
        return idle.asMono();
    }

    private void stop() {
        stopped.tryEmitEmpty();
        lastWord.update(in(settings.lease(), abandoned::tryEmitEmpty)); // then the leases are over by themselves
    }

    private void endWhenIdle() {
        if (closing.get() && running.isEmpty()) {
            grace.dispose();
            lastWord.dispose();
            busy.close();
            idle.tryEmitEmpty();
        }
    }
}
