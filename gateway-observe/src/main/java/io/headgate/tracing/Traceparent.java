package io.headgate.tracing;

import io.headgate.http.Fields;
import io.headgate.tracing.TraceFormat.Wish;

/**
 * Reads what {@code traceparent} says of sampling, and nothing else of it (W3C Trace Context section 3.2).
 *
 * <pre>
 * 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 * ^version  ^trace at 3               ^parent at 36    ^flags at 53
 * </pre>
 */
final class Traceparent {

    private static final int LENGTH = 55;
    private static final int TRACE = 3;
    private static final int PARENT = 36;
    private static final int FLAGS = 53;

    private Traceparent() {}

    static Wish wish(Fields fields) {
        int at = fields.indexOf("traceparent", 0);
        if (at < 0 || fields.indexOf("traceparent", at + 1) >= 0) {
            return Wish.NONE;
        }
        CharSequence text = fields.value(at);
        if (!isValid(text)) {
            return Wish.NONE;
        }
        return (Hex.digit(text.charAt(FLAGS + 1)) & 1) == 1 ? Wish.SAMPLED : Wish.NOT_SAMPLED;
    }

    private static boolean isValid(CharSequence text) {
        return text.length() >= LENGTH
                && isVersion(text)
                && text.charAt(TRACE - 1) == '-'
                && Hex.isId(text, TRACE, PARENT - 1)
                && text.charAt(PARENT - 1) == '-'
                && Hex.isId(text, PARENT, FLAGS - 1)
                && text.charAt(FLAGS - 1) == '-'
                && Hex.isHex(text, FLAGS, LENGTH);
    }

    /** Later versions may be longer; ff is none. */
    private static boolean isVersion(CharSequence text) {
        boolean first = text.charAt(0) == '0' && text.charAt(1) == '0';
        boolean none = text.charAt(0) == 'f' && text.charAt(1) == 'f';
        boolean ends = text.length() == LENGTH || !first && text.charAt(LENGTH) == '-';
        return Hex.isHex(text, 0, 2) && !none && ends;
    }
}
