package io.headgate.gateway;

/**
 * What a gateway holds at a moment. The figures are read one after the other while work goes on, so they may not fit each
 * other exactly; when nothing goes on they are exact.
 *
 * @param frontConnections open client connections
 * @param frontExchanges exchanges of clients that have not ended
 * @param backConnections open upstream connections, busy and idle
 * @param backExchanges exchanges with upstreams that have not ended
 * @param pending exchanges that wait for an upstream connection
 */
public record GatewayStats(
        long frontConnections, long frontExchanges, long backConnections, long backExchanges, long pending) {}
