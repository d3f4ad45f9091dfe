package io.headgate.samples;

import io.headgate.tap.TapRequest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the tools that tap have in common. */
final class TapOptions {

    private static final long NO_LIMIT = 0xffff_ffffL;
    private static final int QUEUE = 4096; // most servers allow no more

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "End after so many exchanges. Default: not before Ctrl-C.")
    private long limit = NO_LIMIT;

    @Option(
            names = "--probability",
            paramLabel = "P",
            description = "The chance of each exchange to be shown, above 0 up to 1. Default: ${DEFAULT-VALUE}.")
    private double probability = 1;

    @Mixin
    private final TapMatchOptions match = new TapMatchOptions();

    double probability() {
        return probability;
    }

    /** Without header fields and bodies. */
    TapRequest request() {
        return UserMistake.ifRefused(() ->
                TapRequest.of(limit, match.match()).withProbability(probability).withQueue(QUEUE));
    }
}
