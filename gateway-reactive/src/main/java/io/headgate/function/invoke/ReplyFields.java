package io.headgate.function.invoke;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Fields;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** What a client sees of the header of what a function answered. */
final class ReplyFields {

    static final AsciiString CALL_ID = AsciiString.cached("Fn-Call-Id");

    private static final AsciiString STATUS = AsciiString.cached("Fn-Http-Status");
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("Content-Type");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString PREFIX = RequestFields.PREFIX;

    private ReplyFields() {}

    /** All that the function set, but what is of a connection; the length follows from the body. */
    static Fields direct(Fields function, String callId) {
        CharSequence[] entries = new CharSequence[(function.size() + 1) * 2];
        entries[0] = CALL_ID;
        entries[1] = callId;
        int size = 1;
        for (int i = 0; i < function.size(); i++) {
            CharSequence name = function.name(i);
            if (passes(name, function.value(i)) && !is(name, CALL_ID)) {
                entries[size * 2] = name;
                entries[size * 2 + 1] = function.value(i);
                size++;
            }
        }
        return Fields.ofValidated(entries, size);
    }

    /** The type of the content, and what the function prefixed; everything else is between it and us. */
    static Fields trigger(Fields function, String callId) {
        CharSequence[] entries = new CharSequence[(function.size() + 1) * 2];
        entries[0] = CALL_ID;
        entries[1] = callId;
        int size = 1;
        for (int i = 0; i < function.size(); i++) {
            CharSequence name = forClient(function.name(i));
            if (name != null && passes(name, function.value(i)) && !is(name, CALL_ID)) {
                entries[size * 2] = name;
                entries[size * 2 + 1] = function.value(i);
                size++;
            }
        }
        return Fields.ofValidated(entries, size);
    }

    private static @Nullable CharSequence forClient(CharSequence name) {
        if (is(name, CONTENT_TYPE)) {
            return name;
        }
        int length = PREFIX.length();
        boolean isPrefixed = name.length() > length && AsciiString.regionMatches(name, true, 0, PREFIX, 0, length);
        if (!isPrefixed) {
            return null;
        }
        CharSequence rest = name.subSequence(length, name.length());
        return is(rest, CONTENT_TYPE) ? null : rest; // never prefixed: there is one already
    }

    private static boolean passes(CharSequence name, CharSequence value) {
        return !HopByHop.matches(name, value) && !is(name, CONTENT_LENGTH);
    }

    /**
     * The status for the client of a trigger.
     *
     * @throws FunctionException when the function named one that no reply can have
     */
    static int status(Fields function) {
        int at = function.indexOf(STATUS, 0);
        if (at < 0) {
            return 200;
        }
        int status = number(function.value(at));
        if (status <= 0) {
            return 200;
        }
        if (status < 200 || status > 599) {
            throw new FunctionException(
                    ErrorKind.FUNCTION_FAILED, "Fn-Http-Status: " + status + " (expected: 200..599)");
        }
        return status;
    }

    /** Not positive for what is not a number. */
    private static int number(CharSequence text) {
        if (text.length() == 0 || text.length() > 9) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private static boolean is(CharSequence one, CharSequence other) {
        return AsciiString.contentEqualsIgnoreCase(one, other);
    }
}
