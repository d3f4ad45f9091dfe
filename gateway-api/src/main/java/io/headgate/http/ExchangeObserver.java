package io.headgate.http;

import org.jspecify.annotations.Nullable;

/**
 * Is told what happens to one exchange: the place for metrics, access logs, taps, tracing and classification.
 *
 * <p>The calls nest in this order; those in brackets may be missing, and {@link #onEnd} comes exactly once and last:
 *
 * <pre>
 * observe onRequestData* [onRequestEnd] [onReplyHead onReplyData* [onReplyTrailers]] onEnd
 * </pre>
 *
 * What is told of the request may also come after {@code onReplyHead}, when a reply starts before the request has ended.
 *
 * <p>What stages below find out about the exchange, such as its route or its endpoint, is in its {@link ExchangeNotes}.
 * Who wants to know an exchange only when it is over takes an {@link ExchangeRecord}.
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

        /**
         * This factory and another one as one.
         *
         * @param other is asked, and its observers told, after this one
         * @return asks both
         */
        default Factory and(Factory other) {
            return BothObservers.of(this, other);
        }
    }

    /**
     * Bytes of the request body have been read.
     *
     * @param bytes how many, one or more
     */
    default void onRequestData(int bytes) {}

    /** The last byte and the trailers of the request have been read; not called for a request that was refused or given up before. */
    default void onRequestEnd() {}

    /**
     * The final head of the reply is handed to the connection.
     *
     * @param head the head, as the client gets it; that of an upgrade says 101, as HTTP/1.1 has it, over HTTP/2 too
     */
    default void onReplyHead(ReplyHead head) {}

    /**
     * Bytes of the reply body are handed to the connection.
     *
     * @param bytes how many, one or more
     */
    default void onReplyData(int bytes) {}

    /**
     * The trailers of the reply are handed to the connection.
     *
     * @param trailers the trailers, not empty
     */
    default void onReplyTrailers(Fields trailers) {}

    /**
     * The exchange is over.
     *
     * @param outcome how it ended
     * @param cause what made it end otherwise than {@link Outcome#COMPLETE}, or null
     */
    default void onEnd(Outcome outcome, @Nullable Throwable cause) {}
}
