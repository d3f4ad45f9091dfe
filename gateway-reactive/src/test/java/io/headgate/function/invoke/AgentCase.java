package io.headgate.function.invoke;

import io.headgate.Deadline;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.dispatch.Timers;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallType;
import io.headgate.function.model.Fn;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;

/** An agent with a scripted driver, under virtual time. */
final class AgentCase implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
    static final App APP =
            new App("app-1", "shop", Map.of("COLOR", "red", "SIZE", "1"), Annotations.NONE, null, NOW, NOW);
    static final Fn FN = fn("fn-1", "scripted:one", 10, Map.of("SIZE", "2"), Annotations.NONE);

    final VirtualClock clock = VirtualClock.install();
    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final ScriptedDriver driver = new ScriptedDriver();
    final Log log = new Log();

    FunctionAgent agent = builder(4).build();

    static Fn fn(String id, String image, int timeout, Map<String, String> config, Annotations annotations) {
        return new Fn(id, "app-1", "one", image, 128, timeout, 30, config, annotations, NOW, NOW);
    }

    FunctionAgent.Builder builder(int instances) {
        return FunctionAgent.builder(DispatchSettings.of(new MachineBudget(instances * 128L << 20, 8000))
                        .withFreezeAfter(null))
                .driver(driver)
                .observer(log)
                .timers(timers(clock))
                .clock(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    static Timers timers(VirtualClock clock) {
        return new Timers() {
            @Override
            public long nanoTime() {
                return clock.now(TimeUnit.NANOSECONDS);
            }

            @Override
            public Task schedule(Runnable task, long delayNanos) {
                Disposable scheduled = clock.schedule(task, Math.max(delayNanos, 1), TimeUnit.NANOSECONDS);
                return scheduled::dispose;
            }
        };
    }

    Invocation invocation() {
        return invocation(CallType.SYNC, FN, Deadline.NONE);
    }

    /** Each has a payload, so that one that is forgotten is found. */
    Invocation invocation(CallType type, Fn fn, Deadline deadline) {
        return new Invocation(
                "call-1",
                type,
                APP,
                fn,
                null,
                Fields.of("content-type", "text/plain"),
                Body.of(allocator.utf8("payload")),
                deadline,
                InvocationWatch.NONE);
    }

    Caller call() {
        return call(invocation());
    }

    Caller call(Invocation invocation) {
        Caller caller = new Caller();
        agent.invoke(invocation).subscribe(caller);
        return caller;
    }

    /** All came back: buffers, timers of calls, slots. */
    void verify() {
        if (!driver.violations().isEmpty()) {
            throw new AssertionError(driver.violations().toString());
        }
        allocator.assertNoLeaks();
        if (log.ends.size() != log.queued) {
            throw new AssertionError("ends: " + log.ends + " (expected: " + log.queued + ")");
        }
        agent.stats().queues().forEach(queue -> {
            if (queue.busy() + queue.waiting() != 0) {
                throw new AssertionError(queue.toString());
            }
        });
    }

    @Override
    public void close() {
        clock.close();
    }

    /** What an observer was told. */
    static final class Log implements InvocationObserver {

        final List<InvocationEnd> ends = new CopyOnWriteArrayList<>();
        final List<String> events = new CopyOnWriteArrayList<>();
        volatile int queued;

        @Override
        public void queued(Invocation call) {
            queued++;
            events.add("queued");
        }

        @Override
        public void started(Invocation call, boolean cold, long waitedNanos) {
            events.add(cold ? "cold" : "warm");
        }

        @Override
        public void ended(Invocation call, InvocationEnd end) {
            events.add(end.outcome().name());
            ends.add(end);
        }

        InvocationEnd last() {
            return ends.get(ends.size() - 1);
        }
    }

    /** Who waits for a reply, and reads it when told to. */
    static final class Caller implements CoreSubscriber<InvocationReply> {

        final StringBuilder text = new StringBuilder();
        volatile @Nullable InvocationReply reply;
        volatile @Nullable Throwable error;
        volatile boolean read;
        volatile @Nullable Throwable cut;
        volatile @Nullable Subscription subscription;
        volatile @Nullable Subscription reading;

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
            given.request(1);
        }

        @Override
        public void onNext(InvocationReply given) {
            reply = given;
        }

        @Override
        public void onError(Throwable failure) {
            error = failure;
        }

        @Override
        public void onComplete() {}

        void leave() {
            subscription.cancel();
        }

        void leaveBody() {
            reading.cancel();
        }

        Caller read() {
            reply.body().subscribe(new CoreSubscriber<ByteBuf>() {
                @Override
                public void onSubscribe(Subscription given) {
                    reading = given;
                    given.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(ByteBuf buffer) {
                    text.append(buffer.toString(StandardCharsets.UTF_8));
                    buffer.release();
                }

                @Override
                public void onError(Throwable failure) {
                    cut = failure;
                }

                @Override
                public void onComplete() {
                    read = true;
                }
            });
            return this;
        }
    }

    static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }
}
