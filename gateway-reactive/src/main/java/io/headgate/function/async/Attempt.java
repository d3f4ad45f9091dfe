package io.headgate.function.async;

import io.headgate.Deadline;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationReply;
import io.headgate.function.invoke.InvocationWatch;
import io.headgate.function.log.CallLog;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.Target;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.Instant;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Runs a leased call once: looks its function up, calls it, and collects what it answers and prints. */
final class Attempt implements InvocationWatch {

    /** What an invoker has beyond the time of the function to say that it is over; after that it is not believed to say anything. */
    private static final Duration SLACK = Duration.ofSeconds(10);

    private final AsyncSetup setup;
    private final LeasedCall call;
    private final CallLog log;
    private final Sinks.Empty<Void> started = Sinks.empty();

    Attempt(AsyncSetup setup, LeasedCall call) {
        this.setup = setup;
        this.call = call;
        this.log = CallLog.of(setup.settings().maxLogBytes());
    }

    @Override
    public void started(boolean cold, long waitedNanos) {
        started.tryEmitEmpty();
    }

    /** The log is recorded with the end of the call. */
    @Override
    public boolean hearsAll() {
        return true;
    }

    @Override
    public void printed(ByteBuf bytes) {
        log.print(bytes);
    }

    byte[] log() {
        return log.bytes();
    }

    /** Never fails: a failure is an outcome. A cancel gives the call up. */
    Mono<Outcome> run() {
        return Mono.defer(() -> {
            Instant expiresAt = call.call().expiresAt();
            return setup.now().isBefore(expiresAt)
                    ? lookUpAndRun()
                    : Mono.just(new Outcome.Over("expired: " + expiresAt + " (expected: to have run before)"));
        });
    }

    private Mono<Outcome> lookUpAndRun() {
        String fnId = call.call().fnId();
        return setup.access()
                .once("fn", () -> setup.functions().apply(fnId).map(Target.class::cast))
                .flatMap(this::runWhenAttemptsAreLeft)
                .onErrorResume(FunctionException.class, why -> Mono.just(new Outcome.Failed(why, null))) // it is gone
                .onErrorReturn(new Outcome.NotTried("fn: " + fnId + " could not be looked up"))
                .defaultIfEmpty(new Outcome.NotTried("fn: " + fnId + " was not looked up"));
    }

    private Mono<Outcome> runWhenAttemptsAreLeft(Target target) {
        int most = AsyncAnnotations.attempts(target.fn(), setup.settings());
        if (call.attempt() > most) {
            return Mono.just(new Outcome.Over("attempts: " + most
                    + " were begun and did not end (expected: a function that does not end its gateway)"));
        }
        Mono<Outcome> answer = Mono.defer(() -> setup.invoker().invoke(invocation(target)))
                .flatMap(this::collect)
                .doOnDiscard(InvocationReply.class, reply -> reply.body().discard())
                .switchIfEmpty(Mono.error(() -> new FunctionException(ErrorKind.FUNCTION_FAILED, "fn: no answer")));
        return Mono.firstWithSignal(tooLate(target.fn()), answer)
                .onErrorResume(why -> Mono.just(failure(why, target.fn())));
    }

    /** What ran here and was cut because this gateway stops has not failed, whatever the rules of retries are. */
    private static Outcome failure(Throwable why, Fn fn) {
        return why instanceof FunctionException known && known.kind() == ErrorKind.STOPPED
                ? new Outcome.NotTried(String.valueOf(why.getMessage()))
                : new Outcome.Failed(why, fn);
    }

    private Invocation invocation(Target target) {
        QueuedCall queued = call.call();
        return new Invocation(
                queued.id(),
                CallType.ASYNC,
                target.app(),
                target.fn(),
                null,
                queued.fields(),
                queued.payload().length == 0 ? Body.empty() : Body.of(Unpooled.wrappedBuffer(queued.payload())),
                Deadline.after(setup.settings().slotWait().plus(runTime(target.fn()))),
                this);
    }

    private static Duration runTime(Fn fn) {
        return Duration.ofSeconds(fn.timeoutSeconds()).plus(SLACK);
    }

    /** Fails when the call has waited too long for an instance, or runs for longer than its invoker should let it. */
    private Mono<Outcome> tooLate(Fn fn) {
        Duration wait = setup.settings().slotWait();
        Mono<Outcome> ran = setup.after(runTime(fn))
                .then(Mono.error(() ->
                        new FunctionException(ErrorKind.TIMED_OUT, "fn: no answer in " + fn.timeoutSeconds() + " s")));
        return setup.after(wait)
                .takeUntilOther(started.asMono())
                .flatMap(none -> Mono.<Outcome>error(
                        new FunctionException(ErrorKind.BUSY, "fn: no instance was free in " + wait)))
                .switchIfEmpty(ran);
    }

    private Mono<Outcome> collect(InvocationReply reply) {
        int most = setup.settings().maxResultBytes();
        return reply.body()
                .asBytes(most)
                .onErrorMap(
                        BodyTooLargeException.class,
                        error -> new FunctionException(
                                ErrorKind.TOO_LARGE, "result: too large (expected: at most " + most + " bytes)", error))
                .map(bytes -> {
                    HttpReply shown = reply.head(call.call().id(), call.call().triggerId() != null);
                    return new Outcome.Answered(new CallResult(shown.status(), shown.fields(), bytes));
                });
    }
}
