package io.headgate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** A retry in front of a service that does what a test says, under a clock that stands still. */
abstract class RetryTestBase {

    static final RetryPolicy ANY = RetryPolicy.DEFAULTS.withAnyMethod();

    final VirtualClock clock = VirtualClock.install();
    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final ScriptedService next = ScriptedService.create();
    final RetryBudget budget =
            RetryBudget.of(new BudgetSettings(1, 5, Duration.ofSeconds(1)), () -> clock.now(TimeUnit.NANOSECONDS));
    Retry retry = Retry.of(RetryPolicy.DEFAULTS, budget).withRandom(() -> 0);
    Service<HttpExchange, HttpReply> service = retry.wrap(next);

    @AfterEach
    void nothingIsLeft() {
        clock.advance(Duration.ofMillis(20));
        assertThat(clock.pending()).as("timers").isZero();
        clock.close();
        allocator.assertNoLeaks();
    }

    void use(RetryPolicy policy) {
        retry = Retry.of(policy, budget).withRandom(() -> 0);
        service = retry.wrap(next);
    }

    static final class Result extends BaseSubscriber<HttpReply> {

        HttpReply reply;
        Throwable error;

        @Override
        protected void hookOnNext(HttpReply value) {
            reply = value;
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
        }

        int status() {
            return reply == null ? 0 : reply.status();
        }
    }

    Result call(HttpExchange exchange) {
        Result result = new Result();
        service.call(exchange).subscribe(result);
        return result;
    }

    Result get() {
        return call(TestExchange.get("/"));
    }

    ScriptedService.Call attempt(int number) {
        assertThat(next.calls()).as("attempts").hasSizeGreaterThanOrEqualTo(number);
        return next.calls().get(number - 1);
    }

    static String read(Body body) {
        StringBuilder text = new StringBuilder();
        body.subscribe(buffer -> {
            text.append(buffer.toString(StandardCharsets.UTF_8));
            buffer.release();
        });
        return text.toString();
    }

    /** Reads a body as slowly as it is told to. */
    static final class Reader extends BaseSubscriber<ByteBuf> {

        final List<String> chunks = new ArrayList<>();
        boolean completed;
        Throwable error;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // asks when told to
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            chunks.add(buffer.toString(StandardCharsets.UTF_8));
            buffer.release();
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
        }
    }

    static Reader reader(ScriptedService.Call call) {
        Reader reader = new Reader();
        call.exchange().body().subscribe(reader);
        return reader;
    }
}
