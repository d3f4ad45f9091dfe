package io.headgate.retry;

import io.headgate.classify.Classification;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that is a failure by the {@linkplain io.headgate.classify.Classifier classifier} of its exchange.
 *
 * @param exchange the exchange, to be looked at only
 * @param number 1 for the first attempt
 * @param classification what it came to
 * @param reply the head of the reply, or null when there was none
 * @param cause why there was no reply, or null when there was one
 */
public record FailedAttempt(
        HttpExchange exchange,
        int number,
        Classification classification,
        @Nullable ReplyHead reply,
        @Nullable Throwable cause) {}
