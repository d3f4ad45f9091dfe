package io.headgate.mux.internal;

import io.headgate.mux.PathPolicy;

/** Makes the one form of a path that is matched and forwarded (RFC 3986 section 6.2.2, RFC 9110 section 4.2.3). */
public final class PathRules {

    private PathRules() {}

    /** The target to go on with: the same string when there is nothing to change, which is nearly always. */
    public static String canonical(String target, PathPolicy policy) {
        if (policy == PathPolicy.AS_SENT || isPlain(target)) {
            return target;
        }
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        String decoded = removeDots(decode(path, policy), target);
        return query < 0 ? decoded : decoded + target.substring(query);
    }

    /** Whether a path has neither escapes nor anything that may be a dot segment. */
    private static boolean isPlain(String target) {
        char before = 0;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c == '?') {
                return true;
            }
            if (c == '%' || c == '\\' || c == '.' && before == '/') {
                return false;
            }
            before = c;
        }
        return true;
    }

    private static String decode(String path, PathPolicy policy) {
        StringBuilder decoded = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '\\') {
                throw HeadRules.badTarget(path, "no backslash");
            }
            if (c != '%') {
                decoded.append(c);
                continue;
            }
            char meant = (char) Integer.parseInt(path, i + 1, i + 3, 16);
            if (meant == 0 || meant == '\\' || meant == '/' && policy == PathPolicy.CANONICAL) {
                throw HeadRules.badTarget(path, "no escaped NUL, slash or backslash");
            }
            if (isUnreserved(meant)) {
                decoded.append(meant);
            } else {
                decoded.append('%').append(hex(path.charAt(i + 1))).append(hex(path.charAt(i + 2)));
            }
            i += 2;
        }
        return decoded.toString();
    }

    private static char hex(char digit) {
        return digit >= 'a' ? (char) (digit - 'a' + 'A') : digit;
    }

    private static boolean isUnreserved(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0;
    }

    /** RFC 3986 section 5.2.4, but a path that climbs above its root is refused. */
    private static String removeDots(String path, String target) {
        StringBuilder clean = new StringBuilder(path.length());
        int start = 0; // of a segment, at its slash
        while (start < path.length()) {
            int end = path.indexOf('/', start + 1);
            end = end < 0 ? path.length() : end;
            String segment = path.substring(start + 1, end);
            boolean up = segment.equals("..");
            if (!up && !segment.equals(".")) {
                clean.append(path, start, end);
            } else {
                if (up && clean.length() == 0) {
                    throw HeadRules.badTarget(target, "no way above the root");
                }
                clean.setLength(up ? clean.lastIndexOf("/") : clean.length());
                if (end == path.length()) {
                    clean.append('/');
                }
            }
            start = end;
        }
        return clean.toString();
    }
}
