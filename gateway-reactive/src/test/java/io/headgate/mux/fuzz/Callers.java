package io.headgate.mux.fuzz;

import io.headgate.http.RequestHead;
import java.util.ArrayList;
import java.util.List;

/** Those who call an upstream, and when they do what. */
final class Callers {

    private final Bench bench;
    private final List<Caller> callers = new ArrayList<>();

    Callers(Bench bench) {
        this.bench = bench;
    }

    /** One more calls. */
    void call() {
        Caller caller = new Caller(bench, bench.script.next());
        callers.add(caller);
        caller.call();
        bench.turn();
    }

    /** One decision about what happens next. */
    void step() {
        bench.turn();
        int decision = bench.script.next();
        switch (decision & 15) {
            case 1 -> call();
            case 2 -> caller(decision).demand();
            case 3 -> caller(decision).cancel();
            case 4 -> bench.advance(300);
            case 5 -> bench.advance(31_000);
            case 6 -> bench.upstreams.forEach(Wire::end);
            case 7 -> bench.upstreams.forEach(wire -> wire.writable(false));
            case 8 -> bench.upstreams.forEach(wire -> wire.writable(true));
            case 9 -> bench.advance(301_000);
            default -> {}
        }
        bench.turn();
    }

    private Caller caller(int decision) {
        return callers.get((decision >> 4) % callers.size());
    }

    /** The method of a request, in the order of calls. */
    RequestHead head(int index) {
        return callers.get(index).head();
    }

    /** Everybody leaves. */
    void end() {
        bench.turn();
        callers.forEach(Caller::cancel);
        bench.end();
        callers.forEach(Caller::check);
    }
}
