package io.headgate.rpc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what an observer is told. */
final class SeenCalls implements RpcObserver {

    private final AtomicInteger open = new AtomicInteger();
    private final List<String> ends = new CopyOnWriteArrayList<>();
    private final List<String> phases = new CopyOnWriteArrayList<>();
    private final List<Ending.Kind> endings = new CopyOnWriteArrayList<>();

    int open() {
        return open.get();
    }

    List<String> ends() {
        return ends;
    }

    List<String> phases() {
        return phases;
    }

    List<Ending.Kind> endings() {
        return endings;
    }

    @Override
    public void onCall(RpcConnection connection, boolean inbound, String endpoint) {
        open.incrementAndGet();
    }

    @Override
    public void onCallEnd(RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {
        open.decrementAndGet();
        ends.add((inbound ? "in " : "out ") + endpoint + " " + status);
    }

    @Override
    public void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {
        phases.add(layer + " " + phase);
    }

    @Override
    public void onEnd(RpcConnection connection, Ending ending) {
        endings.add(ending.kind());
    }
}
