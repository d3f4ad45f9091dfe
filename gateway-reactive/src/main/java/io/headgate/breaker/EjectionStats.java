package io.headgate.breaker;

/**
 * What an ejection has done. The figures are read one after the other while work goes on.
 *
 * @param endpoints how many endpoints there are
 * @param ejected how many of them are ejected now
 * @param ejections how many ejections there were
 * @param spared how many there would have been, had the cap or the number of ready endpoints allowed it
 */
public record EjectionStats(int endpoints, int ejected, long ejections, long spared) {}
