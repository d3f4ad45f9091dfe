package io.headgate.retry;

import io.headgate.http.Fields;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long an upstream asks to be left alone, by {@code grpc-retry-pushback-ms} or {@code retry-after}. */
final class Pushback {

    /** It asks for nothing. */
    static final long NONE = 0;

    /** It does not want to be asked again. */
    static final long FORBIDDEN = -1;

    private static final int MOST_DIGITS = 9;

    private Pushback() {}

    /** Nanoseconds, or one of the constants. */
    static long nanos(Fields head, Fields trailers) {
        String pushback = trailers.get("grpc-retry-pushback-ms");
        if (pushback == null) {
            pushback = head.get("grpc-retry-pushback-ms");
        }
        if (pushback != null) {
            long millis = digits(pushback);
            return millis < 0
                    ? FORBIDDEN
                    : TimeUnit.MILLISECONDS.toNanos(millis); // what cannot be read forbids, as gRPC says
        }
        return retryAfter(head.get("retry-after"));
    }

    private static long retryAfter(@Nullable String text) {
        if (text == null) {
            return NONE;
        }
        long seconds = digits(text);
        if (seconds >= 0) {
            return TimeUnit.SECONDS.toNanos(seconds);
        }
        try {
            Instant then = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            long millis = Duration.between(Instant.now(), then).toMillis();
            return millis <= 0 ? NONE : TimeUnit.MILLISECONDS.toNanos(millis);
        } catch (DateTimeParseException e) {
            return NONE;
        }
    }

    private static long digits(String text) {
        String number = text.strip();
        if (number.isEmpty() || number.length() > MOST_DIGITS) {
            return -1;
        }
        for (int i = 0; i < number.length(); i++) {
            if (number.charAt(i) < '0' || number.charAt(i) > '9') {
                return -1;
            }
        }
        return Long.parseLong(number);
    }
}
