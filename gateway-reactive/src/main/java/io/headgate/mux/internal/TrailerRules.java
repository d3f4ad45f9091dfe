package io.headgate.mux.internal;

import io.headgate.http.Fields;
import io.netty.util.AsciiString;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which fields may not come as trailers: those that frame, route, authenticate or control a
 * message (RFC 9110 section 6.5.1). */
public final class TrailerRules {

    private static final Set<AsciiString> FORBIDDEN = Stream.of(
                    "age",
                    "authorization",
                    "cache-control",
                    "content-disposition",
                    "content-encoding",
                    "content-range",
                    "content-type",
                    "date",
                    "expires",
                    "forwarded",
                    "if-match",
                    "if-modified-since",
                    "if-none-match",
                    "if-range",
                    "if-unmodified-since",
                    "location",
                    "max-forwards",
                    "pragma",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "range",
                    "retry-after",
                    "set-cookie",
                    "true-client-ip",
                    "vary",
                    "via",
                    "warning",
                    "www-authenticate",
                    "x-original-url",
                    "x-real-ip",
                    "x-request-id",
                    "x-rewrite-url")
            .map(AsciiString::of)
            .collect(Collectors.toUnmodifiableSet());

    private TrailerRules() {}

    public static boolean isAllowed(CharSequence name) {
        if (KnownField.of(name) != KnownField.OTHER || FieldNames.isForwarded(name) || FieldNames.isInternal(name)) {
            return false;
        }
        return !FORBIDDEN.contains(AsciiString.of(name).toLowerCase());
    }

    /** Collects the allowed ones. */
    public static final class Intake {

        private final Fields.Builder kept = Fields.builder();

        public void add(CharSequence name, CharSequence value) {
            if (isAllowed(name)) {
                kept.add(name, value);
            }
        }

        public Fields fields() {
            return kept.build();
        }
    }
}
