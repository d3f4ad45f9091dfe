package io.headgate.samples.tap;

import java.time.Duration;
import java.util.List;

/**
 * What is to be shown.
 *
 * @param rows the routes of the window, the busiest one first
 * @param window how much time the figures are of
 * @param probability the chance of each request to be among them
 * @param open exchanges that have begun and not ended
 * @param droppedEvents events that were dropped since the beginning, so that figures are too low
 * @param droppedExchanges those among them that were the beginning of an exchange
 * @param forgotten exchanges that were given up because too many were open, or because their end was dropped
 */
public record TopView(
        List<TopRow> rows,
        Duration window,
        double probability,
        int open,
        long droppedEvents,
        long droppedExchanges,
        long forgotten) {}
