package io.headgate.route;

import java.util.function.Predicate;

/** Reads the parameters of a query as HTML forms write them. */
final class QueryText {

    private QueryText() {}

    /** Whether there is a parameter of a name with a value that passes; one pass over the query. */
    static boolean has(String target, String name, Predicate<CharSequence> value) {
        int start = Texts.pathEnd(target) + 1;
        int length = target.length();
        while (start <= length && start > 0) {
            int end = Texts.indexOf(target, '&', start, length);
            int equals = Texts.indexOf(target, '=', start, end);
            if (isName(target, start, equals, name) && value.test(text(target, Math.min(equals + 1, end), end))) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    private static boolean isName(String target, int start, int end, String name) {
        if (end - start == name.length() && target.startsWith(name, start)) {
            return true;
        }
        return isEncoded(target, start, end) && text(target, start, end).equals(name);
    }

    private static boolean isEncoded(String target, int start, int end) {
        return Texts.indexOf(target, '%', start, end) < end || Texts.indexOf(target, '+', start, end) < end;
    }

    private static String text(String target, int start, int end) {
        return Percent.decode(target.substring(start, end), true);
    }
}
