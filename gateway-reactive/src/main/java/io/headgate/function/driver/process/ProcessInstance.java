package io.headgate.function.driver.process;

import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.http.Body;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A process with its group, its directory and the connections to it. Whatever ends it, all of that goes. */
final class ProcessInstance implements Instance {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessInstance.class);

    /** Who still holds the pipe when the group is dead has left the group. */
    private static final Duration PATIENCE_WITH_OUTPUT = Duration.ofMillis(200);

    /** Outputs do not block, and on a busy machine a thread may have to wait for its turn. */
    private static final Duration PATIENCE_WITH_READER = Duration.ofSeconds(2);

    /** What a shell, and the JDK, add to the number of the signal that ended a process. */
    private static final int SIGNALLED = 128;

    private final InstanceSpec spec;
    private final Process process;
    private final Path directory;
    private final Keeper keeper;
    private final Scheduler timers;
    private final FunctionClient client;
    private final OutputPump output;
    private final Sinks.One<String> ended = Sinks.one();
    private final Sinks.Empty<Void> gone = Sinks.empty();
    private volatile boolean stopped;

    /** Takes the process and the directory. */
    ProcessInstance(
            InstanceSpec spec,
            Process process,
            Path directory,
            Keeper keeper,
            Scheduler timers,
            FunctionClient client) {
        this.spec = spec;
        this.process = process;
        this.directory = directory;
        this.keeper = keeper;
        this.timers = timers;
        this.client = client;
        this.output = OutputPump.start(process, spec.output());
        Mono.fromFuture(process.onExit()).publishOn(Schedulers.boundedElastic()).subscribe(exit -> exited());
    }

    Path directory() {
        return directory;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public Mono<InstanceReply> call(InstanceRequest request) {
        Mono<InstanceReply> reply = client.call(request);
        return request.outputFirst() ? afterOutput(reply) : reply;
    }

    private Mono<InstanceReply> afterOutput(Mono<InstanceReply> reply) {
        return reply.onErrorResume(this::failAfterOutput).flatMap(answer -> {
            if (answer.body().isEmpty()) {
                return caughtUp().thenReturn(answer);
            }
            Body body = answer.body()
                    .via(buffers -> buffers.onErrorResume(error -> caughtUp().then(Mono.error(error)))
                            .concatWith(caughtUp().then(Mono.empty())));
            return Mono.just(new InstanceReply(answer.status(), answer.fields(), body));
        });
    }

    /** A request that is handed back is so at once: whoever leaves meanwhile could not know that it is his. */
    private Mono<InstanceReply> failAfterOutput(Throwable error) {
        Mono<InstanceReply> failed = Mono.error(error);
        return InstanceFailure.leavesRequest(error) ? failed : caughtUp().then(failed);
    }

    /** Whoever goes on then is not the thread that reads. */
    private Mono<Void> caughtUp() {
        return output.caughtUp()
                .timeout(PATIENCE_WITH_READER, Mono.empty(), timers)
                .publishOn(timers);
    }

    @Override
    public Mono<Void> freeze() {
        return signal("STOP");
    }

    @Override
    public Mono<Void> unfreeze() {
        return signal("CONT");
    }

    private Mono<Void> signal(String name) {
        return keeper.signal(name, pid())
                .flatMap(there -> there
                        ? Mono.<Void>empty()
                        : Mono.error(InstanceFailure.of(
                                InstanceFailure.Reason.DISCONNECTED, "instance: gone (expected: a process)", null)));
    }

    @Override
    public Mono<String> ended() {
        return ended.asMono();
    }

    /** Completes when nothing is left. */
    Mono<Void> gone() {
        return gone.asMono();
    }

    @Override
    public Mono<Void> stop(Duration grace) {
        return Mono.defer(() -> {
            stopped = true;
            if (process.isAlive()) {
                end(grace);
            }
            return gone();
        });
    }

    private void end(Duration grace) {
        if (grace.isZero() || grace.isNegative()) {
            kill();
            return;
        }
        // A frozen process takes a polite signal only when it goes on.
        keeper.signal("TERM", pid())
                .then(keeper.signal("CONT", pid()))
                .subscribe(there -> {}, error -> unsaid("TERM", error));
        Disposable patience = timers.schedule(this::kill, grace.toNanos(), TimeUnit.NANOSECONDS);
        gone().subscribe(nothing -> {}, error -> {}, patience::dispose);
    }

    private void kill() {
        if (process.isAlive()) {
            keeper.signal("KILL", pid()).subscribe(there -> {}, error -> {
                unsaid("KILL", error);
                process.destroyForcibly(); // the keeper is away, and kills the rest of the group when there is one
                // again
            });
        }
    }

    private void unsaid(String signal, Throwable error) {
        LOG.warn("cannot send SIG{} to the process group {} of {}", signal, pid(), spec.image(), error);
    }

    private void exited() {
        keeper.drop(pid());
        client.close();
        output.processEnded();
        ended.tryEmitValue(why(process.exitValue())); // before the clearing up, or calls would still come meanwhile
        output.ended()
                .timeout(PATIENCE_WITH_OUTPUT, Mono.defer(this::hunt), timers)
                .then(Mono.<Void>fromRunnable(this::removeDirectory).subscribeOn(Schedulers.boundedElastic()))
                .subscribe(nothing -> {}, error -> gone.tryEmitEmpty(), gone::tryEmitEmpty);
    }

    private Mono<Void> hunt() {
        return keeper.hunt(directory).onErrorResume(error -> {
            unsaid("KILL", error);
            return Mono.empty();
        });
    }

    private void removeDirectory() {
        try {
            Workspace.deleteTree(directory);
        } catch (IOException e) {
            LOG.warn("cannot remove the directory {} of {}", directory, spec.image(), e);
        }
    }

    private String why(int code) {
        if (stopped) {
            return "stopped";
        }
        return code > SIGNALLED ? "killed by signal " + (code - SIGNALLED) : "exited with " + code;
    }
}
