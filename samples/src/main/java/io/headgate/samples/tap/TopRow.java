package io.headgate.samples.tap;

/**
 * The figures of a route within the window.
 *
 * @param route its name
 * @param requests exchanges that have ended
 * @param successes those among them that were successes
 * @param rate requests per second, of all and not only of the sampled ones
 * @param p50 median latency in microseconds, to the head of the reply or to a failure without one
 * @param p95 of 100, 95 were no slower
 * @param p99 of 100, 99 were no slower
 * @param best the fastest one
 * @param worst the slowest one
 * @param last the latest one
 */
public record TopRow(
        String route,
        long requests,
        long successes,
        double rate,
        long p50,
        long p95,
        long p99,
        long best,
        long worst,
        long last) {}
