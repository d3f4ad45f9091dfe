package io.headgate.mirror;

/**
 * What became of mirrored requests so far. The figures are read one after the other while work goes on, so they may not fit
 * each other exactly; when nothing goes on, {@code started} is the sum of those after it but {@code active}.
 *
 * @param active mirrored exchanges that are under way
 * @param skipped requests that were picked but not mirrored, because too many mirrored exchanges were under way
 * @param started mirrored exchanges that were begun
 * @param completed those that were answered, to the last byte and whatever the status
 * @param failed those that failed, at the mirror or because the request itself was cut short
 * @param cut those whose mirror was too slow to keep up with the body of the request
 * @param timedOut those that took longer than they may
 */
public record MirrorStats(
        long active, long skipped, long started, long completed, long failed, long cut, long timedOut) {}
