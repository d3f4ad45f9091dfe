package io.headgate.function.invoke;

import io.headgate.function.dispatch.Workload;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Workloads by function, because to make one takes a hash over the whole configuration, which seldom changes. */
final class Workloads {

    private static final int MOST = 10_000;

    private final ConcurrentMap<String, Workload> byFn = new ConcurrentHashMap<>();

    /** A function that is called is nearly always the very object of the call before. */
    @SuppressWarnings("ReferenceEquality")
    Workload of(App app, Fn fn) {
        Workload known = byFn.get(fn.id());
        if (known != null && known.fn() == fn && known.app() == app) {
            return known;
        }
        return keep(make(app, fn, known));
    }

    private static Workload make(App app, Fn fn, @Nullable Workload known) {
        if (known != null && known.fn().equals(fn) && known.app().equals(app)) {
            return new Workload(known.key(), app, fn, known.limits()); // read again, and unchanged
        }
        return Workload.of(app, fn, FnLimits.of(fn));
    }

    private Workload keep(Workload workload) {
        if (byFn.size() >= MOST) {
            byFn.clear(); // cheaper than to know which are in use, and seldom
        }
        byFn.put(workload.fn().id(), workload);
        return workload;
    }

    void forget(String fnId) {
        byFn.remove(fnId);
    }
}
