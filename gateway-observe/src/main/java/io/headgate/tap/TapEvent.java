package io.headgate.tap;

import io.headgate.http.Fields;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a tap tells. Of each exchange that it has taken it tells a {@link RequestInit}, then, if there is a reply, a
 * {@link ResponseInit}, and one {@link ResponseEnd} last, with {@link BodyData} in between when that was asked for. What an
 * observer is too slow for is missing, and a {@link Dropped} says how much. Immutable, and nothing here is to be released.
 */
public sealed interface TapEvent {

    /** An event about an exchange. */
    sealed interface OfExchange extends TapEvent {
        /**
         * Which exchange it is about.
         *
         * @return the id
         */
        TapId id();

        /**
         * Where it comes from and goes to.
         *
         * @return the same for all events of an exchange
         */
        Peers peers();
    }

    /**
     * Where an exchange comes from and goes to.
     *
     * @param point where it was seen
     * @param source the address of the client, or null
     * @param sourceLabels what is known of the client: {@code tls} with {@code client_id}, or {@code tls=false}
     * @param destination the address of the endpoint, unresolved for a host name, or null when it is not known there
     * @param destinationLabels the labels of the endpoint with {@code tls} and {@code server_id}, sorted; empty when it is not known
     * @param routeLabels the labels of the route, without a prefix, sorted
     */
    record Peers(
            TapPoint point,
            @Nullable InetSocketAddress source,
            Map<String, String> sourceLabels,
            @Nullable InetSocketAddress destination,
            Map<String, String> destinationLabels,
            Map<String, String> routeLabels) {}

    /**
     * A request begins.
     *
     * @param id which exchange
     * @param peers from where to where
     * @param method of the request
     * @param scheme of the request
     * @param authority of the request
     * @param target of the request: path and query
     * @param headers those that are shown
     */
    record RequestInit(
            TapId id, Peers peers, String method, String scheme, String authority, String target, Fields headers)
            implements OfExchange {

        /**
         * The target without its query.
         *
         * @return the path
         */
        public String path() {
            int query = target.indexOf('?');
            return query < 0 ? target : target.substring(0, query);
        }
    }

    /**
     * A reply begins.
     *
     * @param id which exchange
     * @param peers from where to where
     * @param sinceRequestInit nanoseconds
     * @param status of the reply
     * @param headers those that are shown
     */
    record ResponseInit(TapId id, Peers peers, long sinceRequestInit, int status, Fields headers)
            implements OfExchange {}

    /**
     * A piece of a body passes. Pieces of the two bodies of an exchange may mix. Where a piece does not begin at the end of the one
     * before, what was in between has been dropped.
     *
     * @param id which exchange
     * @param peers from where to where
     * @param ofRequest whether it is of the request, else of the reply
     * @param offset where in its body it begins, in bytes
     * @param data the bytes; not to be changed
     * @param isCut whether this is the last piece because the bound is reached, and more bytes pass that are not shown; then there may be
     *     none in it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record BodyData(TapId id, Peers peers, boolean ofRequest, long offset, byte[] data, boolean isCut)
            implements OfExchange {}

    /**
     * An exchange is over.
     *
     * @param id which exchange
     * @param peers from where to where
     * @param sinceRequestInit nanoseconds
     * @param sinceResponseInit nanoseconds, or -1 when there was no reply
     * @param requestBytes bytes of the request body that have passed
     * @param responseBytes bytes of the reply body that have passed
     * @param end how it ended
     * @param trailers those of the reply that are shown
     */
    record ResponseEnd(
            TapId id,
            Peers peers,
            long sinceRequestInit,
            long sinceResponseInit,
            long requestBytes,
            long responseBytes,
            End end,
            Fields trailers)
            implements OfExchange {}

    /**
     * Events are missing here, because the observer was too slow. The end of an exchange is never one of them.
     *
     * @param events how many since the last time
     * @param exchanges how many of them were the beginning of an exchange, of which nothing else is told either
     */
    record Dropped(long events, long exchanges) implements TapEvent {}

    /** How an exchange ended. */
    sealed interface End {
        /** The reply has passed to its end, and the request was not one of gRPC. */
        record Complete() implements End {}

        /**
         * The reply to a gRPC request has passed to its end.
         *
         * @param status the status, of the trailers or of the head; 2 (UNKNOWN) when neither says one that there is
         */
        record Grpc(int status) implements End {}

        /**
         * It failed, before its reply or within.
         *
         * @param error why, as a word of few values, as {@link io.headgate.classify.Classifier#ofFailure} says it
         * @param reset the HTTP/2 error code that tells it, or -1
         */
        record Failed(String error, long reset) implements End {}

        /** Nobody wanted it any more. */
        record Cancelled() implements End {}
    }
}
