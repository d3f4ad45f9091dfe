package io.headgate.function.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to change of a function. What is null stays.
 *
 * @param id must be that of the function when it is there
 * @param appId must be that of the function when it is there
 * @param name must be that of the function when it is there: names never change
 * @param image what a driver runs
 * @param memoryMb memory of an instance in MB
 * @param timeoutSeconds time of a call
 * @param idleTimeoutSeconds idle time of an instance
 * @param config merged; an empty value removes its key
 * @param annotations compacted JSON by key, merged; an empty string or null of JSON removes its key
 */
public record FnPatch(
        @Nullable String id,
        @Nullable String appId,
        @Nullable String name,
        @Nullable String image,
        @Nullable Integer memoryMb,
        @Nullable Integer timeoutSeconds,
        @Nullable Integer idleTimeoutSeconds,
        @Nullable Map<String, String> config,
        @Nullable Map<String, String> annotations) {
    /**
     * This patch when all that it says may be.
     *
     * @param ofId what it is for
     * @return the same with compacted annotations
     * @throws FunctionException what is wrong with a field, whatever is kept already
     */
    public FnPatch checked(String ofId) {
        Validation.sameId(ofId, id);
        if (name != null) {
            Validation.pathName(name);
        }
        if (image != null) {
            Validation.image(image);
        }
        checkSizes();
        if (config != null) {
            Validation.config(config);
        }
        Map<String, String> compacted = annotations == null ? null : Annotations.compacted(annotations);
        return new FnPatch(id, appId, name, image, memoryMb, timeoutSeconds, idleTimeoutSeconds, config, compacted);
    }

    private void checkSizes() {
        if (memoryMb != null) {
            Validation.range("memory", memoryMb, 1, Validation.MAX_MEMORY_MB);
        }
        if (timeoutSeconds != null) {
            Validation.range("timeout", timeoutSeconds, 1, Validation.MAX_TIMEOUT_SECONDS);
        }
        if (idleTimeoutSeconds != null) {
            Validation.range("idle_timeout", idleTimeoutSeconds, 1, Validation.MAX_IDLE_TIMEOUT_SECONDS);
        }
    }
}
