package io.headgate.route;

import io.headgate.Key;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** What the parameters of a path stand for. Immutable; any thread may ask. */
public final class PathParameters {

    /** Where {@link RouteTable#recognize} leaves the parameters for later stages; nothing when the path has none. */
    public static final Key<PathParameters> KEY = Key.of("path-parameters");

    static final PathParameters NONE = new PathParameters(List.of(), List.of());

    private final List<String> names;
    private final List<String> values;

    PathParameters(List<String> names, List<String> values) {
        this.names = names;
        this.values = values;
    }

    /**
     * The text of a parameter as it is in the path, percent-encoded.
     *
     * @param name the name in the template
     * @return the text, or null when the template has no such parameter
     */
    public @Nullable String get(String name) {
        int at = names.indexOf(name);
        return at < 0 ? null : values.get(at);
    }

    /**
     * The text of a parameter, decoded as UTF-8. It may hold any character, slashes included when the mux lets encoded ones
     * pass.
     *
     * @param name the name in the template
     * @return the text, or null when the template has no such parameter
     */
    public @Nullable String decoded(String name) {
        String raw = get(name);
        return raw == null ? null : Percent.decode(raw, false);
    }

    /**
     * The names, in the order of the template.
     *
     * @return an immutable list
     */
    public List<String> names() {
        return names;
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "{", "}");
        for (int i = 0; i < names.size(); i++) {
            text.add(names.get(i) + "=" + values.get(i));
        }
        return text.toString();
    }
}
