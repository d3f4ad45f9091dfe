package io.headgate.metrics;

import io.headgate.function.api.ApiObserver;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Requests to the API of functions. Paths are templates and methods those that there are, so that callers cannot make series. */
final class FunctionApi implements ApiObserver {

    private final FunctionMeters meters;
    private final ConcurrentMap<Asked, LongAdder> requests = new ConcurrentHashMap<>();
    private final ConcurrentMap<Answered, Answers> answers = new ConcurrentHashMap<>();

    private record Asked(String method, String route) {}

    private record Answered(String method, String route, int status) {}

    private record Answers(LongAdder count, Timer latency) {}

    FunctionApi(FunctionMeters meters) {
        this.meters = meters;
    }

    @Override
    public void answered(String method, String route, int status, long nanos) {
        requests.computeIfAbsent(new Asked(method, route), this::requests).increment();
        Answers of = answers.computeIfAbsent(new Answered(method, route, status), this::answers);
        of.count.increment();
        of.latency.record(nanos, TimeUnit.NANOSECONDS);
    }

    private LongAdder requests(Asked key) {
        return meters.counter(
                "api.request.count", Tags.of("method", key.method, "path", key.route), "Requests to the API");
    }

    private Answers answers(Answered key) {
        Tags tags = Tags.of(
                "method",
                key.method,
                "path",
                key.route,
                "status",
                Integer.toString(key.status),
                "blame",
                blame(key.status));
        return new Answers(
                meters.counter("api.response.count", tags, "Answers of the API, by status"),
                meters.timer("api.latency", tags, "Time until the API had an answer"));
    }

    /** The API answers by itself: no function is at fault here. */
    private static String blame(int status) {
        if (status < 400) {
            return "none";
        }
        return status < 500 ? "caller" : "service";
    }
}
