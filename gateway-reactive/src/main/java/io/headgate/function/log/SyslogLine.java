package io.headgate.function.log;

import org.jspecify.annotations.Nullable;

/**
 * A line that waits to be shipped.
 *
 * @param source whose
 * @param callId the call, or null
 * @param text the line
 * @param millis when it was printed, since 1970
 */
record SyslogLine(LineSink.Source source, @Nullable String callId, String text, long millis) {

    /** What it takes of the memory, about: the object, its text and its place in the queue. */
    int charge() {
        return 64 + text.length();
    }
}
