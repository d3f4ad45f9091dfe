package io.headgate.balance;

import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import io.headgate.mux.DeadlineException;
import io.netty.handler.codec.DateFormatter;
import java.time.Duration;
import java.util.Date;
import java.util.concurrent.TimeUnit;

/** What failures count as, in nanoseconds. */
final class Penalties {

    /** The call was no failure. */
    static final long NONE = 0;

    /** Only the end can tell. */
    static final long LATER = -1;

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final long MOST = Duration.ofSeconds(300).toNanos();

    private final long least;

    Penalties(Duration least) {
        this.least = least.toNanos();
    }

    long atHead(HttpExchange exchange, ReplyHead head) {
        if (head.status() == TOO_MANY_REQUESTS) {
            return of(head.fields());
        }
        Classification verdict = Classifier.of(exchange).atHead(exchange.head(), head);
        return verdict == null ? LATER : of(verdict, head.fields());
    }

    long atEnd(HttpExchange exchange, ReplyHead head, Fields trailers) {
        return of(Classifier.of(exchange).atEnd(exchange.head(), head, trailers), trailers);
    }

    private long of(Classification verdict, Fields fields) {
        return verdict.isFailure() || verdict.grpcStatus() == RESOURCE_EXHAUSTED ? of(fields) : NONE;
    }

    /** Not what the client has brought upon itself, by what it sent or by the time that it gave. */
    long of(HttpExchange exchange, Throwable cause) {
        boolean failure = Classifier.of(exchange).ofFailure(cause).isFailure();
        return failure && !(cause instanceof DeadlineException) ? least : NONE;
    }

    private long of(Fields fields) {
        return least == 0 ? 0 : Math.min(MOST, Math.max(least, wanted(fields)));
    }

    /** How long the endpoint wants to be left alone. */
    private static long wanted(Fields fields) {
        int after = fields.indexOf("retry-after", 0);
        if (after >= 0) {
            CharSequence text = fields.value(after);
            long seconds = number(text);
            return seconds >= 0 ? TimeUnit.SECONDS.toNanos(seconds) : until(text);
        }
        int pushback = fields.indexOf("grpc-retry-pushback-ms", 0);
        return pushback < 0 ? 0 : TimeUnit.MILLISECONDS.toNanos(Math.max(0, number(fields.value(pushback))));
    }

    private static long until(CharSequence text) {
        Date date = DateFormatter.parseHttpDate(text);
        return date == null ? 0 : TimeUnit.MILLISECONDS.toNanos(date.getTime() - System.currentTimeMillis());
    }

    /** A whole number of at most nine digits, or a negative one. */
    private static long number(CharSequence text) {
        int length = text.length();
        if (length == 0 || length > 9) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
