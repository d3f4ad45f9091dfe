package io.headgate.metrics;

/**
 * What {@link HttpMetrics} keep at a moment.
 *
 * @param targets targets with series, of all kinds
 * @param held those of them that somebody still uses
 * @param series series in the registry, a histogram counting as one
 * @param evicted targets whose series were removed because nobody had used them
 * @param overflowed how often there was no room for a target, a series or a classification of its own
 */
public record HttpMetricsStats(int targets, int held, int series, long evicted, long overflowed) {}
