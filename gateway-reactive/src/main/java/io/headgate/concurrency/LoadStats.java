package io.headgate.concurrency;

import java.time.Duration;

/**
 * How things stand with load shedding.
 *
 * @param limit how many calls may be under way now
 * @param active calls that are under way, exempt ones too
 * @param baseline the latency to the head of the reply that is taken for normal; zero until some calls have been
 *     answered
 * @param shedHigh calls of high priority that were shed so far
 * @param shedNormal calls of normal priority that were shed so far
 * @param shedLow calls of low priority that were shed so far
 */
public record LoadStats(int limit, int active, Duration baseline, long shedHigh, long shedNormal, long shedLow) {}
