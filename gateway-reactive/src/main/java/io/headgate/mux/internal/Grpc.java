package io.headgate.mux.internal;

import io.headgate.Deadline;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/**
 * What the mux knows of gRPC (gRPC over HTTP/2): which requests are, that a status in the head of a reply is its end, and
 * {@code grpc-timeout}, which is relative: it is made a {@link Deadline} when it comes, and what is left of that goes on.
 */
public final class Grpc {

    private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
    private static final AsciiString STATUS = AsciiString.cached("grpc-status");
    private static final int MOST_DIGITS = 8;
    private static final long MOST = 99_999_999;
    private static final TimeUnit[] UNITS = {
        TimeUnit.NANOSECONDS,
        TimeUnit.MICROSECONDS,
        TimeUnit.MILLISECONDS,
        TimeUnit.SECONDS,
        TimeUnit.MINUTES,
        TimeUnit.HOURS
    };
    private static final String SYMBOLS = "numSMH";

    private Grpc() {}

    /** Whether a request is gRPC; what is not POST cannot be, and pays nothing. */
    public static boolean isGrpc(RequestHead head) {
        return head.method().equals("POST") && head.isGrpc();
    }

    /** Whether fields, of a head or trailers, hold a status: then they are the last that the reply says. */
    static boolean hasStatus(Fields fields) {
        return fields.contains(STATUS);
    }

    /**
     * Whether a reply ends with its head although its upstream sends an empty body after it, as one must that speaks
     * HTTP/1.1 in chunks. To be trailers-only for the client again it must be one head that ends the stream.
     */
    public static boolean isTrailersOnly(RequestHead request, ReplyHead reply) {
        return isGrpc(request) && hasStatus(reply.fields());
    }

    /**
     * The deadline of a gRPC request that arrives now.
     *
     * @throws RequestException when there is a timeout that cannot be read
     */
    static Deadline deadline(Fields fields) {
        int at = fields.indexOf(TIMEOUT, 0);
        if (at < 0) {
            return Deadline.NONE;
        }
        CharSequence text = fields.value(at);
        int digits = text.length() - 1;
        if (fields.indexOf(TIMEOUT, at + 1) >= 0 || digits < 1 || digits > MOST_DIGITS) {
            throw malformed(text);
        }
        long value = 0;
        for (int i = 0; i < digits; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                throw malformed(text);
            }
            value = value * 10 + c - '0';
        }
        return Deadline.after(
                switch (text.charAt(digits)) {
                    case 'n' -> Duration.ofNanos(value);
                    case 'u' -> Duration.of(value, ChronoUnit.MICROS);
                    case 'm' -> Duration.ofMillis(value);
                    case 'S' -> Duration.ofSeconds(value);
                    case 'M' -> Duration.ofMinutes(value);
                    case 'H' -> Duration.ofHours(value);
                    default -> throw malformed(text);
                });
    }

    private static RequestException malformed(CharSequence text) {
        return HeadRules.bad(Limit.SYNTAX, "grpc-timeout", text, "once, 1 to 8 digits and one of H, M, S, m, u, n");
    }

    /** The head as it goes on to an upstream: of gRPC with the time that is left, of anything else as it is. */
    static RequestHead forward(RequestHead head, Deadline deadline) {
        if (!isGrpc(head)) {
            return head;
        }
        return head.withFields(head.fields().with(TIMEOUT, format(deadline.remainingNanos())));
    }

    /** In the finest unit that eight digits can hold, rounded down. */
    static String format(long nanos) {
        long least = Math.max(nanos, 1); // a server takes zero for malformed, and no call is sent on without time
        for (int i = 0; i < UNITS.length; i++) {
            long value = UNITS[i].convert(least, TimeUnit.NANOSECONDS);
            if (value <= MOST) {
                return String.valueOf(value) + SYMBOLS.charAt(i);
            }
        }
        throw new IllegalArgumentException("nanos: " + nanos + " (expected: at most " + MOST + " hours)");
    }
}
