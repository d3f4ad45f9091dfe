package io.headgate.mux.internal;

import io.headgate.mux.Limit;
import io.headgate.mux.PathPolicy;
import io.headgate.mux.RequestException;

/**
 * Makes the one form of a path that is matched and forwarded (RFC 3986 section 6.2.2, RFC 9110 section 4.2.3). One pass finds
 * out whether there is anything to do and refuses what cannot be repaired; only then is a new path built.
 *
 * @param mergesSlashes whether several slashes become one
 * @param keepsEncodedSlashes whether {@code %2F} and {@code %5C} may pass
 */
public record PathRules(boolean mergesSlashes, boolean keepsEncodedSlashes) {

    private static final PathRules STRICT = new PathRules(false, false);
    private static final PathRules WITH_ENCODED_SLASHES = new PathRules(false, true);

    /** As a policy says. */
    public static String canonical(String target, PathPolicy policy) {
        return switch (policy) {
            case AS_SENT -> target;
            case CANONICAL -> STRICT.canonical(target);
            case CANONICAL_ESCAPED_SLASH -> WITH_ENCODED_SLASHES.canonical(target);
        };
    }

    /** The same object when the target is canonical. */
    public String canonical(String target) {
        if (target.isEmpty() || target.charAt(0) != '/') {
            return target;
        }
        int end = target.indexOf('?');
        end = end < 0 ? target.length() : end;
        if (isCanonical(target, end)) {
            return target;
        }
        String path = decodeUnreserved(target, end);
        String result = removeDotSegments(path);
        return end == target.length() ? result : result + target.substring(end);
    }

    private boolean isCanonical(String target, int end) {
        boolean canonical = true;
        for (int i = 0; i < end; i++) {
            char c = target.charAt(i);
            if (c == '\\') {
                throw refusal(target, "no backslash");
            }
            if (c == '%') {
                canonical &= isCanonicalEscape(target, i, end);
                i += 2;
            } else if (c == '/' && i + 1 < end) {
                canonical &= !(mergesSlashes && target.charAt(i + 1) == '/') && !isDotSegment(target, i + 1, end);
            }
        }
        return canonical;
    }

    private static boolean isDotSegment(String target, int start, int end) {
        int at = start;
        while (at < end && at < start + 3 && target.charAt(at) == '.') {
            at++;
        }
        boolean ends = at == end || target.charAt(at) == '/' || target.charAt(at) == ';';
        return ends && (at == start + 1 || at == start + 2);
    }

    private boolean isCanonicalEscape(String target, int at, int end) {
        int value = value(target, at, end);
        if (value == 0) {
            throw refusal(target, "no %00");
        }
        if ((value == '/' || value == '\\') && !keepsEncodedSlashes) {
            throw refusal(target, "no encoded slash or backslash");
        }
        return !isUnreserved(value) && isUpper(target.charAt(at + 1)) && isUpper(target.charAt(at + 2));
    }

    private static int value(String target, int at, int end) {
        int high = at + 2 < end ? digit(target.charAt(at + 1)) : -1;
        int low = at + 2 < end ? digit(target.charAt(at + 2)) : -1;
        if (high < 0 || low < 0) {
            throw refusal(target, "two hexadecimal digits after each percent sign");
        }
        return high << 4 | low;
    }

    private static String decodeUnreserved(String target, int end) {
        StringBuilder path = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            char c = target.charAt(i);
            if (c != '%') {
                path.append(c);
                continue;
            }
            int value = value(target, i, end);
            if (isUnreserved(value)) {
                path.append((char) value);
            } else {
                path.append('%').append(upper(target.charAt(i + 1))).append(upper(target.charAt(i + 2)));
            }
            i += 2;
        }
        return path.toString();
    }

    /** RFC 3986 section 5.2.4, but for a path that leaves its root. */
    private String removeDotSegments(String path) {
        StringBuilder result = new StringBuilder(path.length());
        int start = 1; // of the segment, after its slash
        while (start <= path.length()) {
            int end = path.indexOf('/', start);
            boolean last = end < 0;
            end = last ? path.length() : end;
            int dots = dots(path, start, end);
            if (dots == 0) {
                append(result, path, start, end, last);
            } else {
                if (dots == 2) {
                    parent(result, path);
                }
                if (last) {
                    result.append('/');
                }
            }
            start = end + 1;
        }
        return result.toString();
    }

    private void append(StringBuilder result, String path, int start, int end, boolean last) {
        boolean empty = start == end;
        if (!(empty && mergesSlashes && !last)) {
            result.append('/').append(path, start, end);
        }
    }

    private static void parent(StringBuilder result, String path) {
        int slash = result.lastIndexOf("/");
        if (slash < 0) {
            throw refusal(path, "no way above its root");
        }
        result.setLength(slash);
    }

    /** How many dots make up a segment: 1 or 2, or 0 for any other segment. */
    private static int dots(String path, int start, int end) {
        int dots = 0;
        while (start + dots < end && path.charAt(start + dots) == '.') {
            dots++;
        }
        if (dots == 0 || dots > 2) {
            return 0;
        }
        if (start + dots == end) {
            return dots;
        }
        if (path.charAt(start + dots) == ';') {
            throw refusal(path, "no dot segment with parameters");
        }
        return 0;
    }

    private static RequestException refusal(String target, String expected) {
        return HeadRules.bad(Limit.PATH, "target", target, expected);
    }

    private static boolean isUnreserved(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    private static boolean isUpper(char digit) {
        return digit < 'a';
    }

    private static char upper(char digit) {
        return digit >= 'a' ? (char) (digit - 'a' + 'A') : digit;
    }

    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        char lower = (char) (c | 0x20);
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
