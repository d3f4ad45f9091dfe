package io.headgate.profile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kind of regular expression that most paths are described by: plain text with {@code [^/]*} or {@code [^/]+} for segments, and
 * {@code .*} or {@code .+} at the end. It is matched in one pass without allocation. What is of another kind is left to RE2.
 */
final class SegmentPattern {

    private static final String SPECIAL = "\\.+*?()|[]{}^$";

    private final String[] texts; // with a segment between each two
    private final int[] shortest; // those segments
    private final int rest; // how many characters the end takes at least, or -1 for an end after the last text

    private SegmentPattern(List<String> texts, List<Integer> shortest, int rest) {
        this.texts = texts.toArray(String[]::new);
        this.shortest = shortest.stream().mapToInt(Integer::intValue).toArray();
        this.rest = rest;
    }

    /** The same as a regular expression, or null when that is of another kind. */
    static @Nullable SegmentPattern parse(String regex) {
        int end = regex.endsWith("$") && !regex.endsWith("\\$") ? regex.length() - 1 : regex.length();
        List<String> texts = new ArrayList<>();
        List<Integer> shortest = new ArrayList<>();
        int at = regex.startsWith("^") ? 1 : 0;
        while (true) {
            StringBuilder text = new StringBuilder();
            at = readText(regex, at, end, text);
            boolean afterSegment = !texts.isEmpty();
            texts.add(text.toString());
            if (at >= end) {
                return afterSegment && !endsSegment(text, true) ? null : new SegmentPattern(texts, shortest, -1);
            }
            if (afterSegment && !endsSegment(text, false)) {
                return null;
            }
            String left = regex.substring(at, end);
            if (left.equals(".*") || left.equals(".+")) {
                return new SegmentPattern(texts, shortest, least(left.charAt(1)));
            }
            if (!left.startsWith("[^/]*") && !left.startsWith("[^/]+")) {
                return null;
            }
            shortest.add(least(left.charAt(4)));
            at += 5;
        }
    }

    private static int least(char quantifier) {
        return quantifier == '+' ? 1 : 0;
    }

    /** Only where a segment ends at a slash, or at the end of all, there is but one way to match it. */
    private static boolean endsSegment(CharSequence following, boolean last) {
        return following.isEmpty() ? last : following.charAt(0) == '/';
    }

    /** The text that every match of a regular expression starts with, as far as that is easily seen. */
    static String literalPrefix(String regex) {
        if (regex.indexOf('|') >= 0) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        int at = readText(regex, regex.startsWith("^") ? 1 : 0, regex.length(), text);
        boolean quantified = at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0;
        return text.substring(0, quantified && !text.isEmpty() ? text.length() - 1 : text.length());
    }

    /** Reads plain and escaped characters up to the first that means something else; returns where that is. */
    private static int readText(String regex, int from, int end, StringBuilder text) {
        int at = from;
        while (at < end) {
            char c = regex.charAt(at);
            if (c == '\\' && at + 1 < end && isPunctuation(regex.charAt(at + 1))) {
                text.append(regex.charAt(at + 1));
                at += 2;
            } else if (SPECIAL.indexOf(c) < 0) {
                text.append(c);
                at++;
            } else {
                break;
            }
        }
        return at;
    }

    private static boolean isPunctuation(char c) {
        return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
    }

    boolean matches(String path) {
        if (!path.startsWith(texts[0])) {
            return false;
        }
        int at = texts[0].length();
        for (int i = 0; i < shortest.length; i++) {
            int slash = path.indexOf('/', at);
            int end = slash < 0 ? path.length() : slash;
            if (end - at < shortest[i] || !path.startsWith(texts[i + 1], end)) {
                return false;
            }
            at = end + texts[i + 1].length();
        }
        return rest < 0 ? at == path.length() : path.length() - at >= rest;
    }
}
