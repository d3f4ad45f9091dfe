package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request is for.
 *
 * @param app the application
 * @param fn the function
 * @param trigger the trigger, or null when the function is named directly
 * @param parameters what the path says for the parameters of the trigger
 */
public record Target(App app, Fn fn, @Nullable Trigger trigger, Map<String, String> parameters) {}
