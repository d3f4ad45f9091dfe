package io.headgate.tracing;

import io.headgate.http.Fields;
import io.headgate.tracing.TraceFormat.Wish;

/** Reads what B3 says of sampling: {@code b3: trace-span-flag}, {@code b3: flag}, or a field of its own. */
final class B3Fields {

    private static final int SPAN_LENGTH = 16;

    private B3Fields() {}

    static Wish wish(Fields fields) {
        int at = fields.indexOf("b3", 0);
        if (at >= 0) {
            return fields.indexOf("b3", at + 1) >= 0 ? Wish.NONE : single(fields.value(at));
        }
        at = fields.indexOf("x-b3-flags", 0);
        if (at >= 0 && isText(fields.value(at), "1")) {
            return Wish.SAMPLED; // debug
        }
        at = fields.indexOf("x-b3-sampled", 0);
        return at < 0 ? Wish.NONE : separate(fields.value(at));
    }

    private static Wish separate(CharSequence text) {
        if (isText(text, "1") || isText(text, "true")) {
            return Wish.SAMPLED;
        }
        return isText(text, "0") || isText(text, "false") ? Wish.NOT_SAMPLED : Wish.NONE;
    }

    private static Wish single(CharSequence text) {
        if (text.length() == 1) {
            return flag(text.charAt(0));
        }
        int trace = lengthOfTrace(text);
        int flag = trace + 1 + SPAN_LENGTH + 1;
        if (trace == 0 || text.length() <= flag || text.charAt(flag - 1) != '-') {
            return Wish.NONE; // malformed, or the decision is left to us
        }
        boolean ends = text.length() == flag + 1 || text.charAt(flag + 1) == '-';
        return ends && Hex.isId(text, trace + 1, flag - 1) ? flag(text.charAt(flag)) : Wish.NONE;
    }

    private static int lengthOfTrace(CharSequence text) {
        for (int length : new int[] {32, 16}) {
            if (text.length() > length && text.charAt(length) == '-' && Hex.isId(text, 0, length)) {
                return length;
            }
        }
        return 0;
    }

    private static Wish flag(char c) {
        return switch (c) {
            case '1', 'd' -> Wish.SAMPLED;
            case '0' -> Wish.NOT_SAMPLED;
            default -> Wish.NONE;
        };
    }

    private static boolean isText(CharSequence value, String wanted) {
        return wanted.contentEquals(value);
    }
}
