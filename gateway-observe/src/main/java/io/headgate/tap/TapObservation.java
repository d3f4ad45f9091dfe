package io.headgate.tap;

import java.time.Duration;

/**
 * Somebody who observes, for those who look after a gateway. The figures are read one after the other while work goes on.
 *
 * @param base what the ids of its exchanges begin with; see {@link TapId}
 * @param request what was asked for
 * @param age how long it has been there
 * @param taken exchanges that were taken
 * @param openStreams those of them that have not ended
 * @param droppedEvents events that found no room
 * @param droppedExchanges exchanges that were not taken because their first event found no room
 */
public record TapObservation(
        int base,
        TapRequest request,
        Duration age,
        long taken,
        long openStreams,
        long droppedEvents,
        long droppedExchanges) {}
