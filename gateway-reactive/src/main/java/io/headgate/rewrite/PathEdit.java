package io.headgate.rewrite;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A change of the path of a request, without its query; for {@link Rewrite#path} and {@link Redirect#withPath}. A path that
 * an edit is not about comes back as the very same object.
 *
 * <p>Prefixes end where a segment ends: {@code /api} is a prefix of {@code /api} and {@code /api/x}, not of {@code /apix}.
 * Edits see the path as it is, so {@link CanonicalPath} belongs above them. Immutable; any thread may use it.
 */
public final class PathEdit implements UnaryOperator<String> {

    private final String description;
    private final UnaryOperator<String> edit;

    private PathEdit(String description, UnaryOperator<String> edit) {
        this.description = description;
        this.edit = edit;
    }

    /**
     * Takes a prefix off.
     *
     * @param prefix such as {@code /api}; starts with a slash and does not end with one
     * @return the edit
     * @throws IllegalArgumentException when it is no such prefix
     */
    public static PathEdit stripPrefix(String prefix) {
        return replacePrefix(prefix, "");
    }

    /**
     * Puts a prefix before every path.
     *
     * @param prefix such as {@code /v1}; starts with a slash and does not end with one
     * @return the edit
     * @throws IllegalArgumentException when it is no such prefix
     */
    public static PathEdit addPrefix(String prefix) {
        checkPrefix(prefix);
        return new PathEdit("+" + prefix, path -> path.equals("/") ? prefix : prefix + path);
    }

    /**
     * Puts one prefix in the place of another.
     *
     * @param prefix such as {@code /api}; starts with a slash and does not end with one
     * @param replacement the same, or empty to strip
     * @return the edit
     * @throws IllegalArgumentException when one is no such prefix
     */
    public static PathEdit replacePrefix(String prefix, String replacement) {
        checkPrefix(prefix);
        if (!replacement.isEmpty()) {
            checkPrefix(replacement);
        }
        return new PathEdit(prefix + " -> " + replacement, path -> {
            boolean whole = path.length() == prefix.length();
            if (!path.startsWith(prefix) || !whole && path.charAt(prefix.length()) != '/') {
                return path;
            }
            return whole && replacement.isEmpty() ? "/" : replacement + path.substring(prefix.length());
        });
    }

    private static void checkPrefix(String prefix) {
        if (!prefix.startsWith("/") || prefix.endsWith("/") || prefix.indexOf('?') >= 0) {
            throw badPrefix(prefix);
        }
        try {
            HeadRules.checkTarget("GET", prefix);
        } catch (RequestException e) {
            throw badPrefix(prefix);
        }
    }

    private static IllegalArgumentException badPrefix(String prefix) {
        return new IllegalArgumentException(
                "prefix: " + prefix + " (expected: a path such as /api, encoded, without a slash at its end)");
    }

    /**
     * Replaces paths that match a pattern as a whole. Patterns are those of RE2: they run in linear time, whatever a client
     * sends, and have no back references.
     *
     * @param pattern matched against the whole path
     * @param replacement the new path, with {@code $1} or <code>${name}</code> for what groups matched and {@code $$} for a
     *     dollar sign
     * @return the edit
     * @throws IllegalArgumentException when the pattern is not valid, or the replacement names a group that it does not
     *     have
     */
    public static PathEdit replace(String pattern, String replacement) {
        if (replacement.indexOf('?') >= 0 || replacement.indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "replacement: " + replacement + " (expected: a path, without query and fragment)");
        }
        return new PathEdit(pattern + " -> " + replacement, replacing(pattern, replacement));
    }

    static UnaryOperator<String> replacing(String pattern, String replacement) {
        Pattern compiled;
        try {
            compiled = Pattern.compile(Objects.requireNonNull(pattern, "pattern"));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "pattern: " + pattern + " (expected: a pattern of RE2; " + e.getMessage() + ")");
        }
        Template template = Template.of(replacement, compiled);
        return text -> {
            Matcher matcher = compiled.matcher(text);
            return matcher.matches() ? template.expand(matcher) : text;
        };
    }

    /**
     * A path that is the same for all.
     *
     * @param path the path, encoded
     * @return the edit
     * @throws IllegalArgumentException when it is not a path
     */
    public static PathEdit to(String path) {
        try {
            HeadRules.checkTarget("GET", path);
        } catch (RequestException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return new PathEdit("-> " + path, before -> path);
    }

    /**
     * Changes a path. What comes out is not checked here but where it is put to use.
     *
     * @param path a path, starting with a slash
     * @return the new one, or the same object
     */
    @Override
    public String apply(String path) {
        return edit.apply(path);
    }

    @Override
    public String toString() {
        return description;
    }
}
