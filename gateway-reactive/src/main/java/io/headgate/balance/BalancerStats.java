package io.headgate.balance;

/**
 * What a balancer holds and has seen. The figures are read one after the other while work goes on, so they may not fit each
 * other exactly; when nothing goes on they are exact. Counters count from the beginning.
 *
 * @param endpoints how many there are now
 * @param ready how many of them would take a call at once; each is asked
 * @param openCalls calls at endpoints that have not ended, those that have left included
 * @param waiting calls that wait for an endpoint
 * @param isShut whether calls are refused at once, because nobody has been ready for too long
 * @param timesShut how often that began
 * @param timesOpened how often that ended
 * @param waited calls that have had to wait
 * @param refused calls that have failed without an endpoint
 * @param resets updates that said the whole set, or that there is none
 * @param upserts updates that said who has come or changed
 * @param removals updates that said who has left
 */
public record BalancerStats(
        int endpoints,
        int ready,
        long openCalls,
        int waiting,
        boolean isShut,
        long timesShut,
        long timesOpened,
        long waited,
        long refused,
        long resets,
        long upserts,
        long removals) {}
