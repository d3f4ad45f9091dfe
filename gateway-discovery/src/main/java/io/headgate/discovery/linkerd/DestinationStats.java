package io.headgate.discovery.linkerd;

/**
 * What a {@link LinkerdDestination} does now, and what it has counted since it was made.
 *
 * @param lookups names that are looked up, for endpoints
 * @param profiles names that are looked up, for profiles
 * @param waiting lookups that wait for others to be left
 * @param skipped parts of messages that made no sense and were left out
 */
public record DestinationStats(int lookups, int profiles, int waiting, long skipped) {}
