package io.headgate.metrics;

import io.headgate.Deadline;
import io.headgate.function.async.CallEnd;
import io.headgate.function.async.CallStore;
import io.headgate.function.async.LeasedCall;
import io.headgate.function.async.QueuedCall;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.dispatch.DispatchStats.QueueStats;
import io.headgate.function.dispatch.InstanceState;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationEnd;
import io.headgate.function.invoke.InvocationEnd.Outcome;
import io.headgate.function.invoke.InvocationWatch;
import io.headgate.function.log.SyslogStats;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.StoreObserver;
import io.headgate.function.store.StoreOperation;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** Functions to whom everything happens that there can be. */
final class FunctionScene {

    static final long MS = 1_000_000;
    static final App APP = new App("APP1", "shop", Map.of(), Annotations.NONE, null, Instant.EPOCH, Instant.EPOCH);

    private FunctionScene() {}

    static Fn fn(String id) {
        return new Fn(
                id, "APP1", "f" + id, "node:f", 128, 30, 30, Map.of(), Annotations.NONE, Instant.EPOCH, Instant.EPOCH);
    }

    static Invocation call(String fnId) {
        return new Invocation(
                "CALL1",
                CallType.SYNC,
                APP,
                fn(fnId),
                null,
                Fields.empty(),
                Body.empty(),
                Deadline.NONE,
                InvocationWatch.NONE);
    }

    static Workload workload(String fnId) {
        return Workload.of(APP, fn(fnId), FnLimits.DEFAULTS);
    }

    static InvocationEnd ran(boolean cold) {
        return new InvocationEnd(Outcome.COMPLETED, null, true, cold, 20 * MS, 5 * MS);
    }

    static InvocationEnd refused(Outcome outcome, ErrorKind kind) {
        return new InvocationEnd(outcome, new FunctionException(kind, "no"), false, false, 30 * MS, 0);
    }

    static void everything(FunctionMetrics metrics, Supplier<DispatchStats> stats, CallStore store) {
        Invocation call = call("FN1");
        metrics.calls().queued(call);
        metrics.calls().started(call, true, 20 * MS);
        metrics.calls().ended(call, ran(true));
        metrics.instances().moved(workload("FN1"), InstanceState.NONE, InstanceState.WAIT, 0);
        metrics.api().answered("GET", "/v2/apps", 200, 3 * MS);
        metrics.api().answered("GET", "/v2/apps", 404, 3 * MS);
        metrics.api().answered("GET", "/v2/apps", 500, 3 * MS);
        async(metrics);
        for (StoreObserver.Outcome outcome : StoreObserver.Outcome.values()) {
            for (StoreOperation operation : StoreOperation.values()) {
                metrics.store().ended(operation, MS, outcome);
            }
        }
        metrics.bindDispatch(stats);
        metrics.bindCalls(store);
        metrics.bindSyslog(() -> List.of(new SyslogStats("APP1", "tcp://logs:601", true, 3, 100, 7)));
    }

    static void async(FunctionMetrics metrics) {
        QueuedCall queued = new QueuedCall(
                "CALL1",
                "APP1",
                "FN1",
                null,
                0,
                Fields.empty(),
                new byte[0],
                Instant.EPOCH,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(60));
        LeasedCall leased = new LeasedCall(queued, "LEASE", 1, Instant.EPOCH.plusSeconds(30));
        metrics.async().accepted(queued);
        metrics.async().refused("FN1", new FunctionException(ErrorKind.TOO_LARGE, "no"));
        metrics.async().leased(leased);
        for (CallStatus status : CallStatus.values()) {
            metrics.async().ended(leased, new CallEnd(status, Instant.EPOCH, Instant.EPOCH, null, null, new byte[0]));
        }
        metrics.async().gaveBack(leased, "closing");
        metrics.async().lost(leased, "too late");
        metrics.async().storeFailed("renew", new IllegalStateException("away"));
        metrics.async().forgot(5);
    }

    static DispatchStats stats() {
        return new DispatchStats(
                MachineBudget.of(1024, 2),
                256 * 1024 * 1024,
                500,
                7,
                List.of(
                        new QueueStats(workload("FN1"), 3, 1, 1, 0, 0, 2, 0, 40),
                        new QueueStats(workload("FN2"), 4, 0, 0, 1, 4, 0, 1, 9)));
    }

    /** A store that can do nothing but count. */
    static CallStore counting(Supplier<Mono<CallStore.Backlog>> backlog) {
        return (CallStore) Proxy.newProxyInstance(
                FunctionScene.class.getClassLoader(), new Class<?>[] {CallStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("backlog")) {
                        return backlog.get();
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}
