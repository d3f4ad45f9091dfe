package io.headgate.route;

import io.headgate.http.Fields;
import java.util.function.Predicate;

/** Reads cookies (RFC 6265 section 4.2.1), which HTTP/2 may spread over several fields. */
final class CookieText {

    private CookieText() {}

    /** Whether there is a cookie of a name with a value that passes; one pass over the fields. */
    static boolean has(Fields fields, String name, Predicate<CharSequence> value) {
        for (int at = fields.indexOf("cookie", 0); at >= 0; at = fields.indexOf("cookie", at + 1)) {
            if (has(fields.value(at).toString(), name, value)) {
                return true;
            }
        }
        return false;
    }

    private static boolean has(String cookies, String name, Predicate<CharSequence> value) {
        int start = 0;
        while (start < cookies.length()) {
            int end = Texts.indexOf(cookies, ';', start, cookies.length());
            int from = start;
            while (from < end && cookies.charAt(from) == ' ') {
                from++;
            }
            int equals = Texts.indexOf(cookies, '=', from, end);
            boolean named = equals < end && equals - from == name.length() && cookies.startsWith(name, from);
            if (named && value.test(unquoted(cookies.substring(equals + 1, end).strip()))) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    private static String unquoted(String value) {
        int length = value.length();
        boolean quoted = length > 1 && value.charAt(0) == '"' && value.charAt(length - 1) == '"';
        return quoted ? value.substring(1, length - 1) : value;
    }
}
