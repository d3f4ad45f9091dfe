package io.headgate.samples;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** How instances of a function are run. What is not said is as it was, or as the server has it. */
final class FnRunOptions {

    @Option(names = "--memory", paramLabel = "MB", description = "What an instance takes of the memory there is.")
    private @Nullable Integer memory;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "How long a call may run.")
    private @Nullable Integer timeout;

    @Option(names = "--idle-timeout", paramLabel = "SECONDS", description = "How long an instance stays without calls.")
    private @Nullable Integer idleTimeout;

    void addTo(ObjectNode fn) {
        put(fn, "memory", memory);
        put(fn, "timeout", timeout);
        put(fn, "idle_timeout", idleTimeout);
    }

    private static void put(ObjectNode fn, String field, @Nullable Integer value) {
        if (value != null) {
            fn.put(field, value);
        }
    }
}
