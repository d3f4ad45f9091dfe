package io.headgate.http;

import org.jspecify.annotations.Nullable;

/**
 * Is told what happens to one exchange: the place for metrics, access logs, taps, tracing and classification.
 *
 * <p>The calls nest in this order; those in brackets may be missing, and {@link #onEnd} comes exactly once and last:
 *
 * <pre>
 * observe [onRequestEnd] [onReplyHead] onEnd
 * </pre>
 *
 * {@code onRequestEnd} may also come after {@code onReplyHead}, when a reply starts before the request has ended.
 *
 * <p><b>Threading.</b> All calls come on the event loop of the client connection and must not block. An observer that
 * throws is logged and hurts nobody.
 */
public interface ExchangeObserver {

    /** Decides which exchanges are observed. */
    @FunctionalInterface
    interface Factory {

        /** Observes nothing. */
        Factory NONE = exchange -> null;

        /**
         * Called when the head of a request has been read and found valid, or was refused.
         *
         * @param exchange the exchange, to be looked at only
         * @return an observer for this exchange, or null when nobody wants to know
         */
        @Nullable ExchangeObserver observe(HttpExchange exchange);
    }

    /** The last byte and the trailers of the request have been read. */
    default void onRequestEnd() {}

    /**
     * The final head of the reply has been handed to the connection.
     *
     * @param head the head, as the client gets it
     */
    default void onReplyHead(ReplyHead head) {}

    /**
     * The exchange is over.
     *
     * @param outcome how it ended
     * @param cause what made it end otherwise than {@link Outcome#COMPLETE}, or null
     */
    default void onEnd(Outcome outcome, @Nullable Throwable cause) {}
}
