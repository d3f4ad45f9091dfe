package io.headgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headgate.Deadline;
import io.headgate.Key;
import io.headgate.Role;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;

/**
 * What every stage of HTTP services keeps. A test class extends this one, says which {@linkplain #stage() stage} it is
 * about, and inherits the checks:
 *
 * <pre>
 * class TimeoutContractTest extends StageContract {
 *     &#64;Override
 *     protected Stage&lt;HttpExchange, HttpReply&gt; stage() {
 *         return Timeout.of(Duration.ofSeconds(1));
 *     }
 *
 *     &#64;Override
 *     protected boolean allocates() {
 *         return true; // a timer for each call
 *     }
 * }
 * </pre>
 *
 * The checks cannot be switched off one by one. A stage says what it {@linkplain #rewrites() rewrites}, whether it
 * {@linkplain #retries() retries} and whether it {@linkplain #allocates() allocates}, and is held to the rest. The exchange
 * of {@link #exchange} should be one that the stage lets through: the checks drive the next service themselves.
 *
 * <p><b>Threading.</b> Each check has a stage and a {@link VirtualClock} of its own; schedulers of Reactor that the stage
 * gets hold of in {@link #stage()} or later run on that clock. The clock is installed for the whole JVM, so test classes
 * of this kind do not run in parallel with each other.
 *
 * <p><b>Ownership.</b> All buffers come from a {@link LeakTrackingAllocator}; after each check, whatever its point, every
 * buffer must have been released.
 *
 * <p><b>Errors.</b> A check fails with an {@link AssertionError} that says what reached whom how often.
 */
public abstract class StageContract extends StageUnderTest {

    private static final Key<String> ATTRIBUTE = Key.of("stage-contract");
    private static final Fields TRAILER = Fields.of("x-trailer", "yes");
    private static final int THREADS = 4;
    private static final int CALLS_PER_THREAD = 200;

    /** For subclasses. */
    protected StageContract() {}

    @Test
    void passesInputAndReplyUnchangedWhenIdle() {
        assumeFalse(rewrites(), "the stage rewrites");
        HttpExchange given = exchange(Body.of(allocator.utf8("ping")));
        Caller caller = call(given);
        HttpReply reply = HttpReply.of(200, HEADER, Body.of(allocator.utf8("pong")));
        next.onlyCall().reply(reply);

        assertThat(next.onlyCall().exchange())
                .as("exchange that next is called with")
                .isSameAs(given);
        assertThat(caller.reply()).as("reply").isSameAs(reply);
    }

    @Test
    void deliversReplyBodyAndTrailersToTheEnd() {
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        Caller.Reading reading = caller.read(Long.MAX_VALUE);
        body.emit(allocator.utf8("po")).emit(allocator.utf8("ng")).complete(TRAILER);

        assertThat(reading.isCompleted()).as("body completed").isTrue();
        assertThat(reading.trailersEnded()).as("trailers ended").isTrue();
        assertThat(body.end()).as("end of the body of next").isEqualTo(ScriptedBody.End.COMPLETED);
        if (!rewrites()) {
            assertThat(String.join("", reading.chunks())).isEqualTo("pong");
            assertThat(reading.trailers()).as("trailers").isEqualTo(TRAILER);
        }
    }

    @Test
    void deliversTheRequestBodyToNext() {
        ScriptedBody request = ScriptedBody.create();
        call(exchange(request));
        Caller.Reading reading = new Caller.Reading(next.onlyCall().exchange().body());
        next.onlyCall().exchange().body().subscribe(reading);
        reading.request(Long.MAX_VALUE);
        request.emit(allocator.utf8("pi")).emit(allocator.utf8("ng")).complete(TRAILER);

        assertThat(reading.isCompleted()).as("request body completed").isTrue();
        assertThat(request.end()).isEqualTo(ScriptedBody.End.COMPLETED);
        if (!rewrites()) {
            assertThat(String.join("", reading.chunks())).isEqualTo("ping");
            assertThat(reading.trailers()).as("request trailers").isEqualTo(TRAILER);
        }
    }

    @Test
    void anIdleCallAllocatesNothing() {
        assumeFalse(allocates(), "the stage allocates");
        HttpExchange given = exchange(Body.empty());
        Service<HttpExchange, HttpReply> bare = exchange -> Constant.INSTANCE;
        Service<HttpExchange, HttpReply> wrapped = stage().wrap(bare);

        AllocationAssert.assertNothingBeyond(
                () -> bare.call(given).subscribe(Constant.SUBSCRIBER),
                () -> wrapped.call(given).subscribe(Constant.SUBSCRIBER));
    }

    @Test
    void doesNothingBeforeTheSubscription() {
        Mono<HttpReply> call = service().call(exchange(Body.empty()));

        assertThat(call).isNotNull();
        assertThat(next.calls()).as("calls of next").isEmpty();
        assertThat(clock().pending()).as("timers").isZero();
    }

    @Test
    void makesEachSubscriptionACallOfItsOwn() {
        Mono<HttpReply> call = service().call(exchange(Body.empty()));
        call.subscribe(new Constant.Ignoring());
        call.subscribe(new Constant.Ignoring());
        assertThat(next.calls()).as("calls of next").hasSize(2);
        next.calls().forEach(attempt -> attempt.reply(HttpReply.of(204)));

        assertThat(next.calls()).as("calls of next").hasSize(2);
    }

    @Test
    void subscribesNextOnce() {
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        caller.read(Long.MAX_VALUE);
        body.complete();
        clock().advance(GRACE);

        assertThat(next.calls()).as("calls of next").hasSize(1);
        assertThat(body.subscriptions()).as("subscriptions of the reply body").isLessThanOrEqualTo(1);
    }

    @Test
    void subscribesNextOnceWhenItFails() {
        assumeFalse(retries(), "the stage retries");
        call();
        next.onlyCall().fail(new Failure());
        clock().advance(GRACE);

        assertThat(next.calls()).as("calls of next").hasSize(1);
    }

    @Test
    void cancelBeforeTheHeadReachesNextOnce() {
        Caller caller = call();
        caller.cancel();

        assertThat(next.onlyCall().cancels()).as("cancels of the call").isEqualTo(1);
    }

    @Test
    void aReplyThatArrivesAfterTheCancelIsDiscarded() {
        Caller caller = call();
        caller.cancel();
        ScriptedBody body = reply(next.onlyCall()).emit(allocator.utf8("late"));

        assertGivenUp(body);
    }

    @Test
    void cancelAfterTheHeadReachesNextOnce() {
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall()).emit(allocator.utf8("unread"));
        caller.cancel();

        assertThat(next.onlyCall().cancels())
                .as("cancels of a call that had replied")
                .isZero();
        assertGivenUp(body);
    }

    @Test
    void cancelInTheBodyReachesNextOnce() {
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        caller.read(2);
        body.emit(allocator.utf8("one")).emit(allocator.utf8("two")).emit(allocator.utf8("three"));
        caller.cancel();

        assertThat(body.end()).as("end of the body of next").isEqualTo(ScriptedBody.End.CANCELLED);
        assertThat(body.cancels()).as("cancels of the body of next").isEqualTo(1);
    }

    @Test
    void cancelAfterTheEndReachesNobody() {
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        caller.read(Long.MAX_VALUE);
        body.emit(allocator.utf8("pong")).complete(TRAILER);
        caller.cancel();

        assertThat(body.end()).as("end of the body of next").isEqualTo(ScriptedBody.End.COMPLETED);
        assertThat(body.cancels()).as("cancels of the body of next").isZero();
        assertThat(next.onlyCall().cancels()).as("cancels of the call").isZero();
    }

    @Test
    void anErrorBeforeTheHeadEndsTheCall() {
        Failure failure = new Failure();
        Caller caller = call();
        failUntilGivenUp(caller, failure);

        assertThat(caller.isAnswered()).as("answered").isTrue();
        assertThat(next.calls())
                .allSatisfy(attempt -> assertThat(attempt.isInFlight()).isFalse());
        if (!rewrites()) {
            assertThat(caller.error()).as("error").isSameAs(failure);
        }
    }

    @Test
    void anErrorInTheBodyReachesTheReader() {
        Failure failure = new Failure();
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        Caller.Reading reading = caller.read(Long.MAX_VALUE);
        body.emit(allocator.utf8("po")).fail(failure);

        assertThat(body.cancels()).as("cancels of the body of next").isZero();
        if (rewrites()) {
            assertThat(reading.isCompleted() || reading.error() != null)
                    .as("body ended")
                    .isTrue();
        } else {
            assertThat(reading.chunks()).containsExactly("po");
            assertThat(reading.error()).as("error of the body").isSameAs(failure);
        }
    }

    @Test
    void anErrorInTheTrailersReachesTheReader() {
        Failure failure = new Failure();
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        Caller.Reading reading = caller.read(Long.MAX_VALUE);
        body.emit(allocator.utf8("pong")).failTrailers(failure);

        if (rewrites()) {
            assertThat(reading.trailersEnded() || reading.error() != null)
                    .as("body and trailers ended")
                    .isTrue();
        } else {
            assertThat(reading.isCompleted()).as("body completed").isTrue();
            assertThat(reading.trailersError()).as("error of the trailers").isSameAs(failure);
        }
    }

    @Test
    void demandOfTheReaderReachesTheReplyBody() {
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        assertNothingRead(body);
        body.emit(allocator.utf8("one")).emit(allocator.utf8("two")).emit(allocator.utf8("three"));
        Caller.Reading reading = caller.read(1);

        assertOnePulled(reading, body);
        caller.read(Long.MAX_VALUE);
        body.complete();
        assertThat(reading.isCompleted()).as("body completed").isTrue();
    }

    @Test
    void demandOfNextReachesTheRequestBody() {
        ScriptedBody request = ScriptedBody.create();
        call(exchange(request));
        assertNothingRead(request);
        request.emit(allocator.utf8("one")).emit(allocator.utf8("two")).emit(allocator.utf8("three"));
        Caller.Reading reading = new Caller.Reading(next.onlyCall().exchange().body());
        next.onlyCall().exchange().body().subscribe(reading);
        reading.request(1);

        assertOnePulled(reading, request);
        reading.cancel();
        if (keepsBody()) {
            next.onlyCall().reply(HttpReply.of(204)); // who keeps the body knows only now that nobody wants the rest
        }
        assertThat(request.cancels()).as("cancels of the request body").isEqualTo(1);
    }

    @Test
    void doesNotBlock() throws Exception {
        FutureTask<Caller.Reading> task = new FutureTask<>(() -> {
            Caller caller = call();
            ScriptedBody body = reply(next.onlyCall());
            Caller.Reading reading = caller.read(Long.MAX_VALUE);
            body.emit(allocator.utf8("pong")).complete();
            return reading;
        });
        Thread eventLoop = new NonBlockingThread(task);
        eventLoop.start();

        assertThat(task.get().isCompleted())
                .as("body completed on a thread that must not block")
                .isTrue();
    }

    @Test
    void contextDeadlineAndAttributesReachNext() {
        Deadline deadline = Deadline.after(GRACE);
        Caller caller = call(exchange(Body.empty()).withDeadline(deadline).withAttribute(ATTRIBUTE, "here"));
        HttpExchange seen = next.onlyCall().exchange();
        Object contextValue = next.onlyCall().context().getOrDefault(Caller.CONTEXT_KEY, null);

        assertThat(contextValue).as("value in the context of next").isSameAs(caller);
        assertThat(seen.deadline().min(deadline))
                .as("deadline, no later than given")
                .isEqualTo(seen.deadline());
        assertThat(seen.attributes().get(ATTRIBUTE))
                .as("attribute of the exchange")
                .isEqualTo("here");
    }

    @Test
    void callsInFlightDoNotTouchEachOther() {
        Caller first = call();
        Caller second = call();
        assertThat(next.calls()).as("calls of next").hasSize(2);
        ScriptedBody secondBody = reply(next.calls().get(1));
        ScriptedBody firstBody = reply(next.calls().get(0));
        first.read(Long.MAX_VALUE);
        Caller.Reading reading = second.read(Long.MAX_VALUE);
        firstBody.emit(allocator.utf8("first"));
        first.cancel();
        secondBody.emit(allocator.utf8("second")).complete();

        assertThat(firstBody.cancels()).as("cancels of the first body").isEqualTo(1);
        assertThat(secondBody.end()).as("end of the second body").isEqualTo(ScriptedBody.End.COMPLETED);
        assertThat(reading.isCompleted()).as("second body completed").isTrue();
        if (!rewrites()) {
            assertThat(reading.chunks()).containsExactly("second");
        }
    }

    @Test
    void callsOnSeveralThreadsGetTheirOwnReplies() throws Exception {
        Service<HttpExchange, HttpReply> echo =
                stage().wrap(exchange -> Mono.just(HttpReply.of(200, HEADER, exchange.body())));
        Queue<String> mixedUp = new ConcurrentLinkedQueue<>();
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<FutureTask<@Nullable Void>> tasks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            String name = "thread " + i;
            tasks.add(new FutureTask<>(() -> {
                start.await();
                echoMany(echo, name, mixedUp);
                return null;
            }));
        }
        tasks.forEach(task -> new Thread(task, "stage-contract").start());
        for (FutureTask<@Nullable Void> task : tasks) {
            task.get();
        }

        assertThat(mixedUp).as("replies that were not those to the request").isEmpty();
    }

    @Test
    void closingWaitsForCallsInFlightAndReachesNext() {
        Caller caller = call();
        ScriptedBody body = reply(next.onlyCall());
        Caller.Reading reading = caller.read(Long.MAX_VALUE);
        AtomicBoolean closed = new AtomicBoolean();
        service().closeAsync(GRACE).subscribe(done -> {}, error -> {}, () -> closed.set(true));

        assertThat(closed).as("closed with a call in flight").isFalse();
        body.emit(allocator.utf8("pong")).complete();
        clock().advance(Duration.ofSeconds(1));
        assertThat(reading.isCompleted()).as("body completed within the grace").isTrue();
        assertThat(closed).as("closed after the last call").isTrue();
        assertThat(next.closes())
                .as("closes of next; a bare lambda does not pass them on")
                .isEqualTo(1);
        assertThat(service().status()).as("status").isEqualTo(Service.Status.CLOSED);
    }

    @Test
    void leavesNoTimerBehind() {
        Caller cancelledAtOnce = call();
        cancelledAtOnce.cancel();
        assertThat(timersLeft()).as("timers after a cancel before the head").isZero();

        Caller cancelledInTheBody = call();
        ScriptedBody second = reply(next.calls().get(1));
        cancelledInTheBody.read(1);
        second.emit(allocator.utf8("one"));
        cancelledInTheBody.cancel();
        assertThat(timersLeft()).as("timers after a cancel in the body").isZero();

        Caller whole = call();
        ScriptedBody third = reply(next.calls().get(2));
        whole.read(Long.MAX_VALUE);
        third.complete();
        assertThat(timersLeft()).as("timers after the end").isZero();
    }

    @Test
    void cancelWhileWaitingToRetryLeavesNothingBehind() {
        assumeTrue(retries(), "the stage does not retry");
        Caller caller = call();
        next.onlyCall().fail(new Failure());
        caller.cancel();
        int attempts = next.calls().size();
        clock().advance(GRACE);

        assertThat(clock().pending()).as("timers").isZero();
        assertThat(next.calls()).as("attempts after the cancel").hasSize(attempts);
        assertThat(next.calls())
                .allSatisfy(attempt -> assertThat(attempt.isInFlight()).isFalse());
    }

    @Test
    void namesItsRole() {
        Role role = role();
        assumeTrue(role != null, "the stage has no role of its own");

        assertThat(service().describe()).contains(String.valueOf(role));
    }

    private static void assertGivenUp(ScriptedBody body) {
        assertThat(body.end())
                .as("end of the body of next")
                .isIn(ScriptedBody.End.DISCARDED, ScriptedBody.End.CANCELLED);
        assertThat(body.cancels()).as("cancels of the body of next").isLessThanOrEqualTo(1);
    }

    private void assertNothingRead(ScriptedBody body) {
        if (!rewrites()) {
            assertThat(body.subscriptions())
                    .as("subscriptions before anybody reads")
                    .isZero();
        }
    }

    private void assertOnePulled(Caller.Reading reading, ScriptedBody body) {
        assertThat(reading.chunks()).as("chunks for a demand of one").hasSizeLessThanOrEqualTo(1);
        if (!rewrites()) {
            assertThat(reading.chunks()).containsExactly("one");
            assertThat(body.requested()).as("demand that reached the source").isEqualTo(1);
        }
    }

    private void echoMany(Service<HttpExchange, HttpReply> echo, String name, Queue<String> mixedUp) {
        for (int i = 0; i < CALLS_PER_THREAD; i++) {
            String text = name + ", call " + i;
            Caller caller = Caller.call(echo, exchange(Body.of(allocator.utf8(text))));
            Caller.Reading reading = caller.read(Long.MAX_VALUE);
            if (!reading.isCompleted() || !rewrites() && !reading.chunks().equals(List.of(text))) {
                mixedUp.add(text + ": " + reading.chunks());
            }
        }
    }

    private static final class Failure extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Failure() {
            super("made by the stage contract");
        }
    }

    /** Reactor and BlockHound take it for an event loop. */
    private static final class NonBlockingThread extends Thread implements NonBlocking {

        NonBlockingThread(Runnable task) {
            super(task, "stage-contract-event-loop");
        }
    }
}
