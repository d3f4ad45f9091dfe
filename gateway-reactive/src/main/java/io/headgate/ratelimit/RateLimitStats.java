package io.headgate.ratelimit;

/**
 * What a stage of limits has seen.
 *
 * @param refused requests that were refused because of a limit
 * @param undecided requests about which the store did not decide
 * @param keys keys whose capacity is kept in this process, over all limits
 * @param strangers how often a key had to share the capacity of those for which there was no room
 */
public record RateLimitStats(long refused, long undecided, long keys, long strangers) {}
