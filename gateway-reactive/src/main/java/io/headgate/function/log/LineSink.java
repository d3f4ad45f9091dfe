package io.headgate.function.log;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes lines of a function, ready to be read by people. Does not block. */
interface LineSink {

    /** Whether a line would be of use now. */
    boolean isOn();

    /**
     * Takes a line.
     *
     * @param source whose
     * @param callId the call, or null when none ran
     * @param line without its end, and without control characters
     */
    void line(Source source, @Nullable String callId, String line);

    /**
     * An instance whose lines they are.
     *
     * @param app the application
     * @param fn the function
     * @param instanceId the instance
     */
    record Source(App app, Fn fn, String instanceId) {
        public Source {
            Objects.requireNonNull(app, "app");
            Objects.requireNonNull(fn, "fn");
            Objects.requireNonNull(instanceId, "instanceId");
        }
    }
}
