package io.headgate.function.api;

import io.headgate.function.async.CallEnd;
import io.headgate.function.async.CallResult;
import io.headgate.function.async.CallStore;
import io.headgate.function.async.LeaseRequest;
import io.headgate.function.async.LeasedCall;
import io.headgate.function.async.MemoryCallStore;
import io.headgate.function.async.QueuedCall;
import io.headgate.function.model.App;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.Fn;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.function.store.ValidatedStore;
import io.headgate.http.Fields;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A function with calls, and an API above. */
final class CallRig {

    static final Instant NOW = Instant.parse("2026-11-21T18:00:00Z");

    final FunctionStore store = ValidatedStore.of(MemoryFunctionStore.create(Clock.fixed(NOW, ZoneOffset.UTC)));
    final CallStore calls = new MemoryCallStore();
    final ApiClient client = new ApiClient(builder().build());
    final String appId;
    final String fnId;
    final String path;

    CallRig() {
        appId = store.createApp(App.named("shop")).block().id();
        fnId = store.createFn(Fn.of(appId, "pay", "node:pay")).block().id();
        path = "/v2/fns/" + fnId + "/calls";
    }

    FunctionsApi.Builder builder() {
        return FunctionsApi.builder(store).calls(calls).time(Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC), () -> 0);
    }

    void queued(String id, int second) {
        Instant at = NOW.plusSeconds(second);
        calls.add(new QueuedCall(
                        id, appId, fnId, null, 0, Fields.empty(), new byte[0], at, at, at.plus(Duration.ofHours(1))))
                .block();
    }

    /** The one call that is due. */
    LeasedCall leased(int second) {
        return calls.lease(new LeaseRequest("worker", 1, NOW.plusSeconds(second), Duration.ofSeconds(30), Set.of()))
                .block()
                .get(0);
    }

    void ended(LeasedCall call, int second, CallStatus status, @Nullable CallResult result, String log) {
        Instant at = NOW.plusSeconds(second);
        String error = status == CallStatus.SUCCESS ? null : "it failed";
        calls.end(call, new CallEnd(status, at, at, error, result, log.getBytes(StandardCharsets.UTF_8)))
                .block();
    }

    static CallResult result(int status, Fields fields, String body) {
        return new CallResult(status, fields, body.getBytes(StandardCharsets.UTF_8));
    }
}
