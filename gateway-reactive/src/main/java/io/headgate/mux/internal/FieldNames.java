package io.headgate.mux.internal;

import io.netty.util.AsciiString;
import java.util.Locale;
import java.util.Set;

/** What field names say about themselves (RFC 9110 section 5.1), and which of them must not be taken for another. */
public final class FieldNames {

    /** Not a token. */
    public static final int INVALID = 1;
    /** Has capital letters, which HTTP/2 forbids. */
    public static final int CAPITALS = 2;
    /** Has an underscore, which some servers take for a dash. */
    public static final int UNDERSCORE = 4;

    private static final byte[] CLASSES = classes();

    private static final String INTERNAL = "x-http2-";
    private static final String FORWARDED = "x-forwarded-";

    /** Those of which gateways, and what stands behind them, believe that no client wrote them. */
    private static final Set<String> TRUSTED =
            Set.of("authorization", "forwarded", "via", "x-real-ip", "x-request-id", "true-client-ip");

    private static final Set<String> RISKY_PREFIXES = Set.of(
            "content-", "proxy-", "sec-", "x-auth-", "x-client-", "x-original-", "x-remote-", "x-rewrite-", "x-ssl-");

    private static final Set<String> RISKY = Set.of(
            "http2-settings",
            "keep-alive",
            "remote-user",
            "set-cookie",
            "transfer-encoding",
            "x-http-method",
            "x-http-method-override",
            "x-method-override");

    private FieldNames() {}

    private static byte[] classes() {
        byte[] classes = new byte[256];
        for (int c = 0; c < 256; c++) {
            boolean capital = c >= 'A' && c <= 'Z';
            boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c > 0 && "!#$%&'*+-.^`|~".indexOf(c) >= 0;
            classes[c] = (byte) (plain ? 0 : capital ? CAPITALS : c == '_' ? UNDERSCORE : INVALID);
        }
        return classes;
    }

    /** Looks at a name once: some of {@link #INVALID}, {@link #CAPITALS} and {@link #UNDERSCORE}. */
    public static int scan(CharSequence name) {
        int found = name.length() == 0 ? INVALID : 0;
        if (name instanceof AsciiString ascii) {
            byte[] bytes = ascii.array();
            int end = ascii.arrayOffset() + ascii.length();
            for (int i = ascii.arrayOffset(); i < end; i++) {
                found |= CLASSES[bytes[i] & 0xff];
            }
        } else {
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                found |= c < 256 ? CLASSES[c] : INVALID;
            }
        }
        return found;
    }

    /** Whether a name with underscores has a twin with dashes that matters. */
    public static boolean isRisky(CharSequence name) {
        String twin = name.toString().toLowerCase(Locale.ROOT).replace('_', '-');
        return RISKY.contains(twin)
                || TRUSTED.contains(twin)
                || twin.startsWith(FORWARDED)
                || twin.startsWith(INTERNAL)
                || RISKY_PREFIXES.stream().anyMatch(twin::startsWith);
    }

    /** Whether {@code Connection} must not take a field away because somebody behind relies on it. */
    static boolean isTrusted(CharSequence name) {
        return TRUSTED.contains(name.toString().toLowerCase(Locale.ROOT)) || isForwarded(name);
    }

    static boolean isForwarded(CharSequence name) {
        return startsWith(name, FORWARDED);
    }

    /** Whether Netty gives a name a meaning when it turns one version of HTTP into the other. */
    static boolean isInternal(CharSequence name) {
        return startsWith(name, INTERNAL);
    }

    private static boolean startsWith(CharSequence name, String prefix) {
        return name.length() > prefix.length()
                && (name.charAt(0) | 0x20) == prefix.charAt(0)
                && AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length());
    }
}
