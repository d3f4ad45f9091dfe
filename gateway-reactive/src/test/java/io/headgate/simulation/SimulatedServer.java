package io.headgate.simulation;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Random;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

/**
 * A server of a few workers and a queue, whose time to work on a request is drawn from an exponential distribution. It can be
 * made slow, or made to fail at once, which is what a process without its database does.
 */
final class SimulatedServer implements Service<HttpExchange, HttpReply> {

    /** How it behaves. */
    enum Mode {
        WELL,
        SLOW,
        FAILING
    }

    private static final int WORKERS = 8;
    private static final Duration WELL_MEAN = Duration.ofMillis(5);
    private static final Duration SLOW_MEAN = Duration.ofMillis(100);
    private static final Duration FAILING_MEAN = Duration.ofMillis(1);

    private final Scheduler time;
    private final Random random;
    private final ArrayDeque<MonoSink<HttpReply>> queue = new ArrayDeque<>();
    private Mode mode = Mode.WELL;
    private int busy;
    private long served;

    SimulatedServer(Scheduler time, Random random) {
        this.time = time;
        this.random = random;
    }

    void become(Mode changed) {
        mode = changed;
    }

    /** How many requests have come. */
    long served() {
        return served;
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        return Mono.create(sink -> {
            served++;
            exchange.body().discard();
            queue.add(sink);
            sink.onCancel(() -> queue.remove(sink));
            work();
        });
    }

    private void work() {
        while (busy < WORKERS && !queue.isEmpty()) {
            busy++;
            MonoSink<HttpReply> next = queue.remove();
            Mode during = mode;
            time.schedule(
                    () -> {
                        busy--;
                        next.success(reply(during));
                        work();
                    },
                    workNanos(during),
                    java.util.concurrent.TimeUnit.NANOSECONDS);
        }
    }

    private long workNanos(Mode during) {
        Duration mean = switch (during) {
            case WELL -> WELL_MEAN;
            case SLOW -> SLOW_MEAN;
            case FAILING -> FAILING_MEAN;
        };
        return (long) (-Math.log(1 - random.nextDouble()) * mean.toNanos());
    }

    private static HttpReply reply(Mode during) {
        return HttpReply.of(during == Mode.FAILING ? 503 : 200, Fields.empty(), Body.empty());
    }
}
