package io.headgate.samples;

import io.headgate.accesslog.AccessLog;
import io.headgate.metrics.HttpConvention;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is on of a gateway to see what it does.
 *
 * @param log takes each exchange that is over, or null
 * @param tap where to serve the live tap, or null
 * @param admin where the admin server listens, or null
 * @param metrics by which names to measure, or null
 * @param tracing the share of exchanges that are traced; 0 for none
 * @param spans takes a line for each span, or null when spans are made and go nowhere
 */
record ObservedSpec(
        @Nullable AccessLog log,
        @Nullable ListenAddress tap,
        @Nullable ListenAddress admin,
        @Nullable HttpConvention metrics,
        double tracing,
        @Nullable Consumer<String> spans) {

    /** Nothing is on. */
    static final ObservedSpec NOTHING = new ObservedSpec(null, null, null, null, 0, null);
}
