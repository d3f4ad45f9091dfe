package io.headgate.metrics;

import io.headgate.gateway.DrainProgress;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.Listener;
import io.headgate.gateway.PoolStats;
import io.headgate.gateway.TlsStats;
import io.headgate.mux.Limit;
import io.headgate.mux.LimitCounts;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The meters of the mux. */
final class GatewayTables {

    private static final String CONNECTIONS = "connections";
    private static final String EXCHANGES = "exchanges";
    private static final String SECONDS = "seconds";
    private static final Tags CLIENT = Tags.of("side", "client");
    private static final Tags UPSTREAM = Tags.of("side", "upstream");

    static final EngineTable<GatewayStats> GATEWAY = EngineTable.<GatewayStats>of()
            .gauge("connections", CONNECTIONS, CLIENT, "Open connections", GatewayStats::frontConnections)
            .gauge("connections", CONNECTIONS, UPSTREAM, "Open connections", GatewayStats::backConnections)
            .gauge("exchanges", EXCHANGES, CLIENT, "Exchanges that have not ended", GatewayStats::frontExchanges)
            .gauge("exchanges", EXCHANGES, UPSTREAM, "Exchanges that have not ended", GatewayStats::backExchanges)
            .gauge("pending", EXCHANGES, "Exchanges that wait for an upstream connection", GatewayStats::pending);

    static final EngineTable<Boolean> DRAINING = EngineTable.<Boolean>of()
            .gauge("draining", null, "1 once the gateway is told to end, else 0", EngineTable::flag);

    static final EngineTable<DrainProgress> DRAIN = EngineTable.<DrainProgress>of()
            .gauge(
                    "drain.exchanges",
                    EXCHANGES,
                    "Exchanges of clients that a drain has to wait for, now or if it began",
                    DrainProgress::exchanges)
            .gauge("drain.cut", EXCHANGES, "Exchanges that drains have ended before their time", DrainProgress::cut)
            .gauge(
                    "drain.elapsed",
                    SECONDS,
                    "Time since the first drain of a listener began",
                    drain -> seconds(drain.elapsed()));

    static final EngineMembers.Plan<PoolStats> POOLS = new EngineMembers.Plan<>(
            EngineTable.<List<PoolStats>>of().gauge("pools", "pools", "Endpoints with a pool, used or not", List::size),
            EngineTable.<PoolStats>of()
                    .gauge(
                            "pool.connections",
                            CONNECTIONS,
                            Tags.of("state", "idle"),
                            "Open connections",
                            PoolStats::idle)
                    .gauge(
                            "pool.connections",
                            CONNECTIONS,
                            Tags.of("state", "busy"),
                            "Open connections",
                            pool -> pool.connections() - pool.idle())
                    .gauge("pool.exchanges", EXCHANGES, "Exchanges on connections", PoolStats::exchanges)
                    .gauge("pool.waiting", EXCHANGES, "Exchanges that wait for a connection", PoolStats::waiting)
                    .gauge("pool.dialing", CONNECTIONS, "Connections that are being made", PoolStats::dialing)
                    .counter("pool.dials", null, "Attempts to connect", PoolStats::dials)
                    .counter("pool.dials.failed", null, "Attempts to connect that failed", PoolStats::failedDials)
                    .gauge(
                            "pool.left.alone",
                            null,
                            "1 while nobody tries to connect because it has failed, else 0",
                            pool -> EngineTable.flag(pool.isLeftAlone())),
            "endpoint",
            pool -> pool.endpoint().toString());

    static final EngineMembers.Plan<Listener> LISTENERS = new EngineMembers.Plan<>(
            EngineTable.<List<Listener>>of()
                    .gauge("listeners", "listeners", "Ports that are open or have clients still", List::size),
            EngineTable.<Listener>of()
                    .gauge(
                            "listener.connections",
                            CONNECTIONS,
                            "Open connections of clients",
                            listener -> listener.progress().connections())
                    .gauge(
                            "listener.exchanges",
                            EXCHANGES,
                            "Exchanges that have not ended",
                            listener -> listener.progress().exchanges())
                    .gauge(
                            "listener.draining",
                            null,
                            "1 while clients are asked to go elsewhere, else 0",
                            listener -> EngineTable.flag(listener.isDraining()),
                            Math::max),
            "listener",
            GatewayTables::address);

    static final EngineMembers.Plan<Listener> TLS = new EngineMembers.Plan<>(
            EngineTable.<List<Listener>>of().gauge("tls.listeners", "listeners", "Listeners with TLS", List::size),
            EngineTable.<Listener>of()
                    .counter(
                            "tls.handshakes",
                            null,
                            "Handshakes that succeeded",
                            listener -> tls(listener).handshakes())
                    .counter(
                            "tls.handshakes.failed",
                            null,
                            "Handshakes that failed or took too long",
                            listener -> tls(listener).failedHandshakes())
                    .gauge(
                            "tls.certificate.age",
                            SECONDS,
                            "Time since the certificates in use were read",
                            listener -> seconds(Duration.between(
                                    tls(listener).certificates().since(), Instant.now())),
                            Math::max)
                    .gauge(
                            "tls.certificate.remaining",
                            SECONDS,
                            "Time until the first of the certificates in use expires; negative after it",
                            listener -> remaining(tls(listener)),
                            Math::min),
            "listener",
            GatewayTables::address);

    static final EngineTable<LimitCounts> FLOODS = floods();

    private GatewayTables() {}

    private static EngineTable<LimitCounts> floods() {
        EngineTable<LimitCounts> table = EngineTable.of();
        for (Limit limit : Limit.values()) {
            table = table.counter(
                    "limit.exceeded",
                    null,
                    Tags.of("limit", limit.name().toLowerCase(Locale.ROOT)),
                    "How often a client or an upstream overstepped a limit",
                    counts -> counts.count(limit));
        }
        return table;
    }

    private static String address(Listener listener) {
        return listener.address().getHostString() + ":" + listener.port();
    }

    private static TlsStats tls(Listener listener) {
        return Objects.requireNonNull(listener.tls());
    }

    private static double remaining(TlsStats tls) {
        Instant now = Instant.now();
        return tls.certificates().credentials().stream()
                .mapToDouble(credential -> seconds(Duration.between(
                        now, credential.chain().get(0).getNotAfter().toInstant())))
                .min()
                .orElse(Double.NaN);
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
