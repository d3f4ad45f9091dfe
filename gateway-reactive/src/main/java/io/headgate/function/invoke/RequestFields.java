package io.headgate.function.invoke;

import io.headgate.http.Fields;
import io.headgate.http.RequestHead;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;

/** What a function sees of the header of a request. */
final class RequestFields {

    static final AsciiString INVOKE_TYPE = AsciiString.cached("Fn-Invoke-Type");

    /** Before the name of every field of the client of a trigger. */
    static final AsciiString PREFIX = AsciiString.cached("Fn-Http-H-");

    private static final AsciiString PARAMETER_PREFIX = AsciiString.cached("Fn-Http-Param-");
    private static final AsciiString INTENT = AsciiString.cached("Fn-Intent");
    private static final AsciiString HTTP_REQUEST = AsciiString.cached("httprequest");
    private static final AsciiString METHOD = AsciiString.cached("Fn-Http-Method");
    private static final AsciiString REQUEST_URL = AsciiString.cached("Fn-Http-Request-Url");
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("Content-Type");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString EXPECT = AsciiString.cached("expect");

    private RequestFields() {}

    /**
     * All fields of the client but those of its connection: whoever calls a function directly may itself speak for a trigger. The
     * length follows from the body, and what the client expects is answered here.
     */
    static Fields direct(Fields client) {
        List<String> named = HopByHop.named(client);
        CharSequence[] entries = new CharSequence[client.size() * 2];
        int size = 0;
        for (int i = 0; i < client.size(); i++) {
            CharSequence name = client.name(i);
            CharSequence value = client.value(i);
            if (!HopByHop.matches(name, value) && !isAnsweredHere(name) && !HopByHop.isNamed(named, name)) {
                entries[size * 2] = name;
                entries[size * 2 + 1] = value;
                size++;
            }
        }
        return Fields.ofValidated(entries, size);
    }

    private static boolean isAnsweredHere(CharSequence name) {
        return AsciiString.contentEqualsIgnoreCase(name, CONTENT_LENGTH)
                || AsciiString.contentEqualsIgnoreCase(name, EXPECT);
    }

    /** The request as a whole in fields: what the client set has a prefix, so that it cannot be taken for what is said here. */
    static Fields trigger(RequestHead head, Map<String, String> parameters) {
        Fields client = head.fields();
        List<String> named = HopByHop.named(client);
        CharSequence[] entries = new CharSequence[(client.size() + parameters.size() + 3) * 2];
        entries[0] = INTENT;
        entries[1] = HTTP_REQUEST;
        entries[2] = METHOD;
        entries[3] = head.method();
        entries[4] = REQUEST_URL;
        entries[5] = url(head);
        int size = 3;
        for (int i = 0; i < client.size(); i++) {
            CharSequence name = client.name(i);
            CharSequence value = client.value(i);
            if (!HopByHop.matches(name, value) && !HopByHop.isNamed(named, name)) {
                entries[size * 2] =
                        AsciiString.contentEqualsIgnoreCase(name, CONTENT_TYPE) ? CONTENT_TYPE : prefixed(name);
                entries[size * 2 + 1] = value;
                size++;
            }
        }
        Fields fields = Fields.ofValidated(entries, size);
        return parameters.isEmpty() ? fields : withParameters(fields, parameters);
    }

    private static String url(RequestHead head) {
        return head.scheme() + "://" + head.authority() + head.target();
    }

    /** {@code x-two-words} becomes {@code Fn-Http-H-X-Two-Words}. */
    static AsciiString prefixed(CharSequence name) {
        return canonical(PREFIX, name);
    }

    private static AsciiString canonical(AsciiString prefix, CharSequence name) {
        byte[] text = new byte[prefix.length() + name.length()];
        prefix.copy(0, text, 0, prefix.length());
        boolean upper = true;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i); // a token is ASCII
            text[prefix.length() + i] = (byte) (upper ? Character.toUpperCase(c) : Character.toLowerCase(c));
            upper = c == '-';
        }
        return new AsciiString(text, false);
    }

    /** A path may say anything, a field may not. */
    private static Fields withParameters(Fields fields, Map<String, String> parameters) {
        Fields.Builder builder = fields.toBuilder();
        parameters.forEach((name, value) -> {
            if (isToken(name)) {
                builder.add(canonical(PARAMETER_PREFIX, name), Percent.encode(value));
            }
        });
        return builder.build();
    }

    private static boolean isToken(String name) {
        return !name.isEmpty()
                && name.chars().allMatch(c -> c == '-' || c == '_' || (c < 128 && Character.isLetterOrDigit(c)));
    }
}
