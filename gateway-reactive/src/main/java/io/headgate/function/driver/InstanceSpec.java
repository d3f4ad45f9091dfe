package io.headgate.function.driver;

import java.time.Duration;
import java.util.Map;

/**
 * What an instance is started with.
 *
 * @param id of the instance, unique in this process, fit for a file name
 * @param image what to run
 * @param memoryMb the memory that it may take, in MB
 * @param environment the environment as the function is to see it, but for what only the driver knows (where it listens)
 * @param startTimeout how long it may take to be ready
 * @param output takes what it prints, from the start to the end
 */
public record InstanceSpec(
        String id,
        String image,
        int memoryMb,
        Map<String, String> environment,
        Duration startTimeout,
        InstanceOutput output) {

    /** Copies the map. */
    public InstanceSpec {
        environment = Map.copyOf(environment);
    }
}
