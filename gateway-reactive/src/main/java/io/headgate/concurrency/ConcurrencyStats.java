package io.headgate.concurrency;

/**
 * How things stand with a limit. The figures are read one after the other while work goes on, so they may not fit each
 * other exactly.
 *
 * @param limit most calls that may be under way
 * @param active calls that are under way
 * @param waiting calls that wait
 * @param refused calls so far for which there was no room, not even to wait
 * @param timedOut calls so far whose patience or deadline ended in the queue
 */
public record ConcurrencyStats(int limit, int active, int waiting, long refused, long timedOut) {}
