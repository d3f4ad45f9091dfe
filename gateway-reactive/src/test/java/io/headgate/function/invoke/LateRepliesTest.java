package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.dispatch.Timers;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * The time of a call is over in the very moment in which its reply comes or ends, on threads of their own: one of them wins, everybody is
 * told the same end once, and slot, tokens, timer and buffers come back. A third thread may be a caller that leaves.
 */
class LateRepliesTest {

    private static final int ROUNDS = 400;
    private static final int MOST_SPINS = 2000; // far more than a side takes
    private static final long INSTANCE = 128L << 20;

    /** What the time races. */
    private enum Moment {
        REPLY,
        END_OF_REPLY,
        WORDS_OF_A_FAILURE,
        END_OF_REPLY_AND_READER,
        REPLY_AND_CALLER
    }

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedDriver driver = new ScriptedDriver();
    private final CallTimers timers = new CallTimers();
    private final Queue<Outcome> told = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final Random random = new Random(8);
    private final FunctionAgent agent = FunctionAgent.builder(
                    DispatchSettings.of(new MachineBudget(4 * INSTANCE, 8000)).withFreezeAfter(null))
            .driver(driver)
            .timers(timers)
            .observer(new InvocationObserver() {
                @Override
                public void ended(Invocation call, InvocationEnd end) {
                    told.add(end.outcome());
                }
            })
            .build();

    @AfterEach
    void nothingIsLeft() {
        threads.shutdownNow();
        allocator.assertNoLeaks();
        assertThat(driver.violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void oneEndWinsAndEverythingComesBack(Moment moment) throws Exception {
        Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
        for (int round = 0; round < ROUNDS; round++) {
            seen.merge(round(moment), 1, Integer::sum);
        }
        Outcome inTime = moment == Moment.WORDS_OF_A_FAILURE ? Outcome.FAILED : Outcome.COMPLETED;
        assertThat(seen).containsKeys(inTime, Outcome.TIMED_OUT);
        if (moment == Moment.REPLY_AND_CALLER || moment == Moment.END_OF_REPLY_AND_READER) {
            assertThat(seen).containsKey(Outcome.CANCELLED).hasSize(3);
        } else {
            assertThat(seen).hasSize(2);
        }
        agent.closeAsync().block(Duration.ofSeconds(30));
        assertThat(agent.stats().memoryBytes()).isZero();
        assertThat(agent.stats().cpuMillis()).isZero();
    }

    private Outcome round(Moment moment) throws Exception {
        Racer caller = new Racer();
        agent.invoke(call()).subscribe(caller);
        ScriptedDriver.Running instance =
                driver.instances().get(driver.instances().size() - 1);
        ScriptedDriver.Call call = instance.lastCall();
        AgentCall timer = timers.last();
        switch (moment) {
            case REPLY -> race(timer, () -> call.reply(200, Fields.empty(), Body.of(chunk())));
            case REPLY_AND_CALLER ->
                race(timer, () -> call.reply(200, Fields.empty(), Body.of(chunk())), caller::cancel);
            case END_OF_REPLY -> {
                ScriptedBody body = call.reply(200, Fields.empty());
                race(timer, () -> body.emit(chunk()).complete());
            }
            case END_OF_REPLY_AND_READER -> {
                ScriptedBody body = call.reply(200, Fields.empty());
                race(timer, () -> body.emit(chunk()).complete(), caller::cancelReading);
            }
            default -> {
                ScriptedBody body = call.reply(502, Fields.empty());
                race(timer, () -> body.emit(chunk()).complete());
            }
        }
        return check(caller, instance);
    }

    private Outcome check(Racer caller, ScriptedDriver.Running instance) {
        assertThat(told).as("ends that were told").hasSize(1);
        Outcome outcome = told.remove();
        List<Object> ends = caller.ends.stream().toList();
        if (outcome == Outcome.CANCELLED) {
            assertThat(ends.size()).as("ends for who left: %s", ends).isLessThanOrEqualTo(1);
        } else {
            assertThat(ends).hasSize(1);
            assertThat(outcomeOf(ends.get(0))).isEqualTo(outcome);
        }
        assertThat(timers.open()).as("timers of calls").isZero();
        long live = driver.instances().stream().filter(one -> one.stops() == 0).count();
        assertThat(instance.stops()).isLessThanOrEqualTo(1);
        if (outcome == Outcome.TIMED_OUT) {
            assertThat(instance.stops()).isOne();
        } else if (outcome != Outcome.CANCELLED) {
            assertThat(instance.stops()).isZero();
        }
        assertThat(agent.stats().memoryBytes()).isEqualTo(live * INSTANCE);
        assertThat(agent.stats().queues()).allMatch(queue -> queue.busy() + queue.waiting() + queue.stopping() == 0);
        return outcome;
    }

    private static Outcome outcomeOf(Object end) {
        if (end instanceof FunctionException error) {
            return error.kind() == ErrorKind.TIMED_OUT ? Outcome.TIMED_OUT : Outcome.FAILED;
        }
        return Outcome.COMPLETED;
    }

    /** In any order: where threads are more than processors, whoever is the last to be ready is the first to go. */
    private void race(Runnable... sides) throws Exception {
        AtomicInteger ready = new AtomicInteger();
        List<Runnable> order = Arrays.asList(sides);
        Collections.shuffle(order, random);
        List<Future<?>> running = order.stream()
                .<Future<?>>map(side -> threads.submit(start(side, ready, sides.length, random.nextInt(MOST_SPINS))))
                .toList();
        for (Future<?> one : running) {
            one.get(30, TimeUnit.SECONDS);
        }
    }

    private static Runnable start(Runnable side, AtomicInteger ready, int all, int spins) {
        return () -> {
            ready.incrementAndGet();
            while (ready.get() < all) {
                Thread.yield();
            }
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            side.run();
        };
    }

    private ByteBuf chunk() {
        return allocator.utf8("out");
    }

    private Invocation call() {
        return new Invocation(
                "call-1",
                CallType.SYNC,
                AgentCase.APP,
                AgentCase.FN,
                null,
                Fields.empty(),
                Body.of(allocator.utf8("in")),
                Deadline.NONE,
                InvocationWatch.NONE);
    }

    /** Time stands still, but for calls whose time is said to be over. */
    private static final class CallTimers implements Timers {

        private final AtomicInteger open = new AtomicInteger();
        private final AtomicReference<@Nullable AgentCall> last = new AtomicReference<>();

        AgentCall last() {
            return last.get();
        }

        int open() {
            return open.get();
        }

        @Override
        public long nanoTime() {
            return 1;
        }

        @Override
        public Task schedule(Runnable task, long delayNanos) {
            if (!(task instanceof AgentCall call)) {
                return () -> {};
            }
            last.set(call);
            open.incrementAndGet();
            AtomicInteger cancelled = new AtomicInteger();
            return () -> {
                if (cancelled.getAndIncrement() == 0) {
                    open.decrementAndGet();
                }
            };
        }
    }

    /** Reads its reply as it comes, and writes down each end that it is told. */
    private static final class Racer implements CoreSubscriber<InvocationReply> {

        final Queue<Object> ends = new ConcurrentLinkedQueue<>();
        private volatile @Nullable Subscription subscription;
        private volatile @Nullable Subscription reading;

        void cancel() {
            subscription.cancel();
        }

        void cancelReading() {
            reading.cancel();
        }

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
            given.request(1);
        }

        @Override
        public void onNext(InvocationReply reply) {
            reply.body().subscribe(new CoreSubscriber<>() {
                @Override
                public void onSubscribe(Subscription given) {
                    reading = given;
                    given.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(ByteBuf buffer) {
                    buffer.release();
                }

                @Override
                public void onError(Throwable error) {
                    ends.add(error);
                }

                @Override
                public void onComplete() {
                    ends.add("read");
                }
            });
        }

        @Override
        public void onError(Throwable error) {
            ends.add(error);
        }

        @Override
        public void onComplete() {
            // the body has not ended yet
        }
    }
}
