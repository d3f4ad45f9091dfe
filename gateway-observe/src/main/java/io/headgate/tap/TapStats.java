package io.headgate.tap;

/**
 * What a tap holds and has done. The figures are read one after the other while work goes on; counters count from the beginning.
 *
 * @param observers how many observe now
 * @param openStreams exchanges that were taken and have not ended
 * @param taken exchanges that were taken
 * @param events events that were delivered to observers
 * @param droppedEvents events that found no room
 * @param droppedExchanges exchanges that were not taken because their first event found no room
 */
public record TapStats(
        int observers, long openStreams, long taken, long events, long droppedEvents, long droppedExchanges) {}
