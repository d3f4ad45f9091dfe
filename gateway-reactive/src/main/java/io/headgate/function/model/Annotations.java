package io.headgate.function.model;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What tools remember of an entity: at most 100 keys of 1 to 128 visible ASCII characters, each with a JSON value of at most 512
 * bytes.
 *
 * @param values compacted JSON by key; two values are the same when their text is
 */
public record Annotations(Map<String, String> values) {

    /** No annotation. */
    public static final Annotations NONE = new Annotations(Map.of());

    private static final int MAX_KEYS = 100;
    private static final int MAX_KEY = 128;
    private static final int MAX_VALUE_BYTES = 512;

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

    /**
     * These annotations as they may be kept.
     *
     * @return all values compacted
     * @throws FunctionException what is wrong
     */
    public Annotations checked() {
        Map<String, String> compacted = compacted(values);
        compacted.forEach((key, value) -> {
            if (removes(value)) {
                throw Validation.invalid("annotations." + key, value, "a value other than \"\" and null");
            }
        });
        return compacted.equals(values) ? this : new Annotations(compacted);
    }

    /** The values of a patch, compacted; it may have ones that remove their key. */
    static Map<String, String> compacted(Map<String, String> values) {
        if (values.size() > MAX_KEYS) {
            throw Validation.invalid("annotations", values.size() + " keys", "at most " + MAX_KEYS);
        }
        Map<String, String> compacted = new HashMap<>();
        values.forEach((key, value) -> compacted.put(key, compacted(key, value)));
        return compacted;
    }

    private static String compacted(String key, String value) {
        if (key.isEmpty() || key.length() > MAX_KEY || !Validation.isVisible(key)) {
            throw Validation.invalid("annotations", key, "keys of 1 to " + MAX_KEY + " visible ASCII characters");
        }
        String compact = JsonText.compact(value);
        if (compact == null) {
            throw Validation.invalid("annotations." + key, value, "a JSON value");
        }
        int bytes = compact.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_VALUE_BYTES) {
            throw Validation.invalid("annotations." + key, bytes + " bytes", "at most " + MAX_VALUE_BYTES);
        }
        return compact;
    }

    /** Takes the compacted values of a patch over. */
    Annotations merged(@Nullable Map<String, String> patch) {
        if (patch == null || patch.isEmpty()) {
            return this;
        }
        Map<String, String> merged = new HashMap<>(values);
        patch.forEach((key, value) -> {
            if (removes(value)) {
                merged.remove(key);
            } else {
                merged.put(key, value);
            }
        });
        return merged.equals(values) ? this : new Annotations(merged);
    }

    private static boolean removes(String value) {
        return value.equals("\"\"") || value.equals("null");
    }
}
