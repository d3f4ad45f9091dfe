package io.headgate.accesslog;

/**
 * What an access log has done. The figures are read one after the other while work goes on; counters count from the beginning.
 *
 * @param written lines that the sink took, those that tell of dropped ones included
 * @param dropped exchanges without a line because too many waited, or because the log was closed
 * @param failed lines that were lost because the format or the sink threw
 * @param waiting exchanges whose line is not written yet
 */
public record AccessLogStats(long written, long dropped, long failed, int waiting) {}
