package io.headgate.function.async;

import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationReply;
import io.headgate.function.invoke.Invoker;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** One gateway of a history: its clock may be wrong, its functions do anything, and it can be killed. */
final class SimulatedProcess extends Clock implements Invoker, AsyncObserver {

    final String name;
    final AsyncCalls calls;
    private final AsyncHistory history;
    private Duration wrong = Duration.ZERO;
    private boolean isDead;
    private int open; // leases that the observer has not heard the end of

    SimulatedProcess(String name, AsyncHistory history, AsyncSettings settings) {
        this.name = name;
        this.history = history;
        this.calls = AsyncCalls.builder(new SimulatedStore(history, this), this, history::target)
                .settings(settings)
                .observer(this)
                .name(name)
                .clock(this)
                .timer(new MortalScheduler())
                .random(history.random::nextDouble)
                .start();
    }

    boolean isDead() {
        return isDead;
    }

    /** From now on it does nothing any more, and nothing reaches it. */
    void kill() {
        isDead = true;
        history.active.values().removeIf(name::equals);
    }

    void setClock(Duration changed) {
        wrong = changed;
    }

    int open() {
        return open;
    }

    @Override
    public Mono<InvocationReply> invoke(Invocation call) {
        return Mono.defer(() -> {
            if (isDead) {
                return Mono.never();
            }
            history.begins(call.id(), name);
            Duration wait = history.upTo(12_000);
            Mono<InvocationReply> answer = history.after(wait).then(Mono.defer(() -> {
                call.watch().started(false, 0);
                return history.after(history.upTo(history.random.nextInt(10) == 0 ? 60_000 : 5_000))
                        .then(Mono.defer(() -> answer(call)));
            }));
            boolean isRefused = history.random.nextInt(5) == 0;
            return (isRefused ? history.after(wait).then(failure(ErrorKind.BUSY)) : answer)
                    .filter(reply -> !isDead)
                    .switchIfEmpty(Mono.never())
                    .doFinally(end -> history.active.remove(call.id(), name));
        });
    }

    private Mono<InvocationReply> answer(Invocation call) {
        return switch (history.random.nextInt(6)) {
            case 0 -> failure(ErrorKind.FUNCTION_FAILED);
            case 1 -> failure(ErrorKind.TIMED_OUT);
            case 2 -> history.random.nextInt(4) == 0 ? failure(ErrorKind.IMPOSSIBLE) : Mono.never();
            default -> Mono.just(new InvocationReply(Fields.of("x-by", name), Body.utf8(call.id())));
        };
    }

    private static Mono<InvocationReply> failure(ErrorKind kind) {
        return Mono.error(new FunctionException(kind, kind.name()));
    }

    @Override
    public void leased(LeasedCall call) {
        open++;
    }

    @Override
    public void ended(LeasedCall call, CallEnd end) {
        open--;
    }

    @Override
    public void gaveBack(LeasedCall call, String why) {
        open--;
    }

    @Override
    public void lost(LeasedCall call, String why) {
        open--;
    }

    @Override
    public Instant instant() {
        return history.now().plus(wrong);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    /** Runs nothing any more when the process is dead. */
    private final class MortalScheduler implements Scheduler {

        @Override
        public Disposable schedule(Runnable task) {
            return history.time.schedule(whileAlive(task));
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            return history.time.schedule(whileAlive(task), delay, unit);
        }

        @Override
        public Worker createWorker() {
            Worker worker = history.time.createWorker();
            return new Worker() {
                @Override
                public Disposable schedule(Runnable task) {
                    return worker.schedule(whileAlive(task));
                }

                @Override
                public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
                    return worker.schedule(whileAlive(task), delay, unit);
                }

                @Override
                public void dispose() {
                    worker.dispose();
                }
            };
        }

        private Runnable whileAlive(Runnable task) {
            return () -> {
                if (!isDead) {
                    task.run();
                }
            };
        }
    }
}
