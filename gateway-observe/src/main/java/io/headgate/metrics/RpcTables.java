package io.headgate.metrics;

import io.headgate.rpc.RpcStats;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** The meters of what connections of the framed RPC hold. */
final class RpcTables {

    static final EngineTable<List<RpcStats>> CONNECTIONS = EngineTable.<List<RpcStats>>of()
            .gauge("rpc.connections", "connections", "Connections that are open or drain", List::size)
            .gauge(
                    "rpc.active.calls",
                    "calls",
                    Tags.of("direction", "in"),
                    "Calls that have not ended",
                    all -> all.stream().mapToInt(RpcStats::incoming).sum())
            .gauge(
                    "rpc.active.calls",
                    "calls",
                    Tags.of("direction", "out"),
                    "Calls that have not ended",
                    all -> all.stream().mapToInt(RpcStats::outgoing).sum())
            .gauge(
                    "rpc.held",
                    "bytes",
                    "Bytes that were received and wait for their consumers",
                    all -> all.stream().mapToLong(RpcStats::heldIn).sum())
            .gauge(
                    "rpc.round.trip",
                    "seconds",
                    "The longest of the last heartbeats",
                    all -> longest(all, RpcStats::roundTrip))
            .gauge(
                    "rpc.silence",
                    "seconds",
                    "The longest time since a peer was heard of",
                    all -> longest(all, RpcStats::sinceHeard))
            .gauge(
                    "rpc.standstill",
                    "seconds",
                    "The longest time that a stream has waited for while it might have moved",
                    all -> longest(all, RpcStats::sinceProgress));

    private RpcTables() {}

    private static double longest(List<RpcStats> all, Function<RpcStats, Duration> value) {
        return all.stream()
                .map(value)
                .mapToDouble(duration -> duration.toNanos() / 1e9)
                .max()
                .orElse(0);
    }
}
