package io.headgate.metrics;

import io.headgate.function.async.AsyncObserver;
import io.headgate.function.async.CallEnd;
import io.headgate.function.async.LeasedCall;
import io.headgate.function.async.QueuedCall;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** Recorded calls that this process accepts and runs. */
final class FunctionAsync implements AsyncObserver {

    private final FunctionMeters meters;
    private final Clock clock;
    private final LongAdder accepted;
    private final Map<ErrorKind, LongAdder> refused = new ConcurrentHashMap<>();
    private final Map<CallStatus, LongAdder> ended = new EnumMap<>(CallStatus.class);
    private final LongAdder gaveBack;
    private final LongAdder lost;
    private final LongAdder forgotten;
    private final Timer delay;
    private final ConcurrentMap<String, LongAdder> failures = new ConcurrentHashMap<>();

    FunctionAsync(FunctionMeters meters, Clock clock) {
        this.meters = meters;
        this.clock = clock;
        accepted = counter("accepted", "Calls that were recorded");
        for (CallStatus status : CallStatus.values()) {
            if (status != CallStatus.RUNNING && status != CallStatus.CANCELLED) {
                String end = status == CallStatus.QUEUED ? "retry" : lower(status);
                ended.put(
                        status,
                        meters.counter(
                                "async.attempts", Tags.of("end", end), "Attempts at recorded calls, by their end"));
            }
        }
        gaveBack = counter("gave.back", "Calls that were leased and given back without an attempt");
        lost = counter("lost", "Attempts that were given up because their lease was lost");
        forgotten = counter("forgotten", "Calls that had ended long ago and were removed");
        delay = meters.timer("async.delay", Tags.empty(), "Time from when a call was due until it was leased");
    }

    private LongAdder counter(String name, String meaning) {
        return meters.counter("async." + name, Tags.empty(), meaning);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void accepted(QueuedCall call) {
        accepted.increment();
    }

    @Override
    public void refused(String fnId, FunctionException why) {
        refused.computeIfAbsent(
                        why.kind(),
                        kind -> meters.counter(
                                "async.refused", Tags.of("reason", lower(kind)), "Calls that were not recorded"))
                .increment();
    }

    @Override
    public void leased(LeasedCall call) {
        Duration late = Duration.between(call.call().dueAt(), clock.instant());
        delay.record(late.isNegative() ? Duration.ZERO : late);
    }

    @Override
    public void ended(LeasedCall call, CallEnd end) {
        LongAdder count = ended.get(end.status());
        if (count != null) {
            count.increment();
        }
    }

    @Override
    public void gaveBack(LeasedCall call, String why) {
        gaveBack.increment();
    }

    @Override
    public void lost(LeasedCall call, String why) {
        lost.increment();
    }

    @Override
    public void storeFailed(String operation, Throwable error) {
        failures.computeIfAbsent(
                        operation,
                        name -> meters.counter(
                                "async.store.failures",
                                Tags.of("operation", name),
                                "What the store of calls was asked for and did not do"))
                .increment();
    }

    @Override
    public void forgot(long calls) {
        forgotten.add(calls);
    }
}
