package io.headgate.mux;

import io.headgate.http.ConnectionInfo;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts how often each limit was overstepped: what a metrics or an admin page shows of floods and broken peers.
 *
 * <pre>{@code
 * LimitCounts floods = LimitCounts.create();
 * Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withLimitObserver(floods));
 * }</pre>
 *
 * <p><b>Threading.</b> Any; a limit costs one atomic addition, and allocates nothing.
 */
public final class LimitCounts implements LimitObserver {

    private final AtomicLongArray counts = new AtomicLongArray(Limit.values().length);

    private LimitCounts() {}

    /**
     * Counts.
     *
     * @return all zero
     */
    public static LimitCounts create() {
        return new LimitCounts();
    }

    @Override
    public void exceeded(Limit limit, ConnectionInfo connection) {
        counts.incrementAndGet(limit.ordinal());
    }

    /**
     * How often a limit was overstepped.
     *
     * @param limit which one
     * @return from the beginning
     */
    public long count(Limit limit) {
        return counts.get(limit.ordinal());
    }
}
