package io.headgate.balance;

import io.headgate.Service;
import io.headgate.resolve.Endpoint;

/**
 * How an endpoint of a balancer is at a moment. The figures are read one after the other while work goes on.
 *
 * @param endpoint the endpoint, with its weight and labels as the resolution says them now
 * @param status what its service says: it gets calls while that is open
 * @param rank when it is chosen
 * @param openCalls calls that have not ended
 * @param pendingCalls those of them without a first byte of their reply
 * @param latencyMillis the estimate of the time to that byte, as {@link Strategy.PeakEwma} sees it; known whatever the strategy
 */
public record EndpointStats(
        Endpoint endpoint, Service.Status status, Rank rank, int openCalls, int pendingCalls, double latencyMillis) {

    /** When an endpoint is chosen. */
    public enum Rank {
        /** Before others; all endpoints but the last resort, unless there is a {@link ZonePreference}. */
        NEAR,
        /** When too few near ones are ready. */
        FAR,
        /** When no other one is ready: its weight is zero. */
        LAST_RESORT
    }

    /**
     * Tells whether it gets calls.
     *
     * @return true while its service is open
     */
    public boolean isReady() {
        return status == Service.Status.OPEN;
    }
}
