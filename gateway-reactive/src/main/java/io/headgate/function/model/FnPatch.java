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
        @Nullable Map<String, String> annotations) {}
