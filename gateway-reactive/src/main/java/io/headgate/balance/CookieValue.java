package io.headgate.balance;

import io.headgate.balance.internal.Hashes;

/** Finds a cookie in a Cookie field (RFC 6265 section 4.2) where it stands. */
final class CookieValue {

    private CookieValue() {}

    /** The hash of the value of a cookie; {@link Hashes#NONE} when it is not there, or empty. */
    static long hash(CharSequence cookies, String name) {
        int length = cookies.length();
        int from = 0;
        while (from < length) {
            int end = indexOf(cookies, ';', from, length);
            int start = from;
            while (start < end && cookies.charAt(start) == ' ') {
                start++;
            }
            int value = start + name.length() + 1;
            if (value < end && cookies.charAt(value - 1) == '=' && isAt(cookies, start, name)) {
                return Hashes.of(cookies, value, end);
            }
            from = end + 1;
        }
        return Hashes.NONE;
    }

    private static boolean isAt(CharSequence text, int at, String name) {
        for (int i = 0; i < name.length(); i++) {
            if (text.charAt(at + i) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(CharSequence text, char wanted, int from, int length) {
        int at = from;
        while (at < length && text.charAt(at) != wanted) {
            at++;
        }
        return at;
    }
}
