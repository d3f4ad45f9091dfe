package io.headgate.function.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What tools remember of an entity: keys with any JSON value.
 *
 * @param values compacted JSON by key; two values are the same when their text is
 */
public record Annotations(Map<String, String> values) {

    /** No annotation. */
    public static final Annotations NONE = new Annotations(Map.of());

    /** Copies the map. */
    public Annotations {
        values = Map.copyOf(values);
    }

    /**
     * The value of a key.
     *
     * @param key the key
     * @return compacted JSON, or null
     */
    public @Nullable String get(String key) {
        return values.get(key);
    }
}
