package io.headgate.gateway;

import io.headgate.resolve.Endpoint;

/**
 * The connections of a gateway to one endpoint, over all event loops. The figures are read one after the other while work goes
 * on, so they may not fit each other exactly; when nothing goes on they are exact. Counters count from the making of the pool.
 *
 * @param endpoint whom the connections lead to
 * @param connections how many are open
 * @param idle those of them without an exchange
 * @param exchanges how many are on connections
 * @param waiting how many exchanges wait for a connection
 * @param dialing connections that are being made
 * @param dials attempts to connect so far
 * @param failedDials those of them that have failed
 * @param isLeftAlone whether nobody tries to connect for a while, because it has failed; never for the URLs of an {@link Upstream}
 */
public record PoolStats(
        Endpoint endpoint,
        int connections,
        int idle,
        int exchanges,
        int waiting,
        int dialing,
        long dials,
        long failedDials,
        boolean isLeftAlone) {}
