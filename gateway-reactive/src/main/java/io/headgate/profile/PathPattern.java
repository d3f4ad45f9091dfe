package io.headgate.profile;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that a whole path must match, in the syntax of RE2, which takes linear time. Both ends are anchored, those
 * of an alternation without parentheses too. A path is matched as the client sent it: escapes are not decoded.
 *
 * <p>Two patterns are equal when their texts are. Any thread may use a pattern; the usual ones, made of plain text,
 * {@code [^/]+} or {@code [^/]*} as whole segments and {@code .*} at the end, allocate nothing.
 */
public final class PathPattern {

    /** Longest text; far above what anybody writes, far below what compiles slowly. */
    private static final int MAX_LENGTH = 4096;

    /** Largest size with all repetitions written out: some hundred kilobytes. */
    private static final int MAX_SIZE = 10_000;

    private final String regex;
    private final @Nullable SegmentPattern segments;
    private final String prefix; // of all paths that match
    private final Pattern pattern;

    private PathPattern(String regex, Pattern pattern) {
        this.regex = regex;
        this.pattern = pattern;
        this.segments = SegmentPattern.parse(regex);
        this.prefix = SegmentPattern.literalPrefix(regex);
    }

    /**
     * A pattern.
     *
     * @param regex in the syntax of RE2; space around it does not count; {@code ^} and {@code $} at the ends may be left out
     * @return the pattern
     * @throws IllegalArgumentException when it is not valid; the message names it
     */
    public static PathPattern of(String regex) {
        String text = regex.strip();
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("path: " + text.substring(0, 40) + "... of " + text.length()
                    + " characters (expected: at most " + MAX_LENGTH + ")");
        }
        if (RegexSize.of(text) > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "path: " + text + " (expected: repetitions that come to at most " + MAX_SIZE + " parts)");
        }
        try {
            return new PathPattern(text, Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("path: " + regex + " (expected: a regular expression of RE2)", e);
        }
    }

    /**
     * The text.
     *
     * @return the regular expression, without space around it
     */
    public String regex() {
        return regex;
    }

    /**
     * Tells whether a path is matched, from its first character to its last.
     *
     * @param path the path of a request head, without query
     * @return true when it is
     */
    public boolean matches(String path) {
        return segments != null ? segments.matches(path) : path.startsWith(prefix) && pattern.matches(path);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PathPattern that && regex.equals(that.regex);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(regex);
    }

    @Override
    public String toString() {
        return regex;
    }
}
