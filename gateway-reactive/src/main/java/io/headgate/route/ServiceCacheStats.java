package io.headgate.route;

/**
 * What a {@link ServiceCache} has done. A snapshot.
 *
 * @param size how many services there are
 * @param created how many were made
 * @param evicted how many were closed because they were idle
 * @param refused how many calls were refused because there was no room
 */
public record ServiceCacheStats(int size, long created, long evicted, long refused) {}
