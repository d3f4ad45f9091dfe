package io.headgate.concurrency;

/**
 * How things stand with a bulkhead.
 *
 * @param keys keys that have a compartment of their own
 * @param strangers how often a key had to share the compartment of those for which there was no room
 * @param refused calls so far for which there was no room, not even to wait
 * @param timedOut calls so far whose patience or deadline ended in the queue
 */
public record BulkheadStats(int keys, long strangers, long refused, long timedOut) {}
