package io.headgate.function.model;

import java.util.Set;

/** Annotations of functions and triggers that say how they are called. What a trigger says wins over what its function says. */
public final class CallAnnotations {

    /** Whether calls are asynchronous unless a direct caller says otherwise: {@code true} or {@code false}. */
    public static final String ASYNC = "headgate.io/async";

    /** Whether bodies pass as they come: {@code true} or {@code false}. */
    public static final String STREAM = "headgate.io/stream";

    /** How early asynchronous calls go, 0 to {@value #MAX_ASYNC_PRIORITY}. */
    public static final String ASYNC_PRIORITY = "headgate.io/async-priority";

    /** How often a failed asynchronous call is tried again, 0 to {@value #MAX_ASYNC_RETRIES}; only that of a function counts. */
    public static final String ASYNC_RETRIES = "headgate.io/async-retries";

    /** The highest priority. */
    public static final int MAX_ASYNC_PRIORITY = 2;

    /** The most that a function may ask for. */
    public static final int MAX_ASYNC_RETRIES = 100;

    private static final Set<String> TRUTHS = Set.of("true", "false", "\"true\"", "\"false\"");

    private CallAnnotations() {}

    static void check(Annotations said) {
        truth(said, ASYNC);
        truth(said, STREAM);
        Validation.number(said, ASYNC_PRIORITY, 0, 0, MAX_ASYNC_PRIORITY);
        Validation.number(said, ASYNC_RETRIES, 0, 0, MAX_ASYNC_RETRIES);
    }

    private static void truth(Annotations said, String key) {
        String text = said.get(key);
        if (text != null && !TRUTHS.contains(text)) {
            throw Validation.invalid("annotations." + key, text, "true or false");
        }
    }
}
