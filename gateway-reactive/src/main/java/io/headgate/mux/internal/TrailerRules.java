package io.headgate.mux.internal;

import io.headgate.http.Fields;
import io.netty.util.AsciiString;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which fields may not come as trailers: those that frame, route or authenticate a message (RFC 9110 section 6.5.1). */
public final class TrailerRules {

    private static final Set<AsciiString> FORBIDDEN = Stream.of(
                    "authorization",
                    "cache-control",
                    "content-encoding",
                    "content-range",
                    "content-type",
                    "forwarded",
                    "max-forwards",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "set-cookie",
                    "x-forwarded-for",
                    "x-forwarded-host",
                    "x-forwarded-port",
                    "x-forwarded-proto",
                    "x-real-ip",
                    "x-request-id")
            .map(AsciiString::of)
            .collect(Collectors.toUnmodifiableSet());

    private TrailerRules() {}

    public static boolean isAllowed(CharSequence name) {
        if (KnownField.of(name) != KnownField.OTHER) {
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
