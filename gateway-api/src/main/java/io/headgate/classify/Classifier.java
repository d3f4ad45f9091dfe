package io.headgate.classify;

import io.headgate.Key;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a call was a success. Any thread may ask; nothing is allocated on the way.
 */
public interface Classifier {

    /** The classifier that a route has set for an exchange, so that all stages below judge alike. */
    Key<Classifier> KEY = Key.of("classifier");

    /**
     * Judges by the head of the reply alone.
     *
     * @param request the head of the request
     * @param reply the head of the reply
     * @return the verdict, or null when only the end of the body can tell, as with gRPC
     */
    @Nullable Classification atHead(RequestHead request, ReplyHead reply);

    /**
     * Judges a whole reply.
     *
     * @param request the head of the request
     * @param reply the head of the reply
     * @param trailers its trailers, empty when there are none
     * @return the verdict
     */
    Classification atEnd(RequestHead request, ReplyHead reply, Fields trailers);

    /**
     * Judges a call that nobody wanted to its end, by what is known of it: who leaves a stream of gRPC, which is how many streams
     * end, does not make it a failure for want of a status.
     *
     * @param request the head of the request
     * @param reply the head of the reply, or null when there was none yet
     * @return the verdict of the head when it has one, else a success with the error {@code cancelled}
     */
    default Classification atCancel(RequestHead request, @Nullable ReplyHead reply) {
        Classification known = reply == null ? null : atHead(request, reply);
        return known == null ? FailureClasses.CANCELLED : known;
    }

    /**
     * Judges a call that has no whole reply. What the client has to answer for (4xx) is a success of the service, as a reply of
     * 4xx is.
     *
     * @param cause why
     * @return the verdict, with one of the errors {@code timeout} (504, or a {@link java.util.concurrent.TimeoutException}),
     *     {@code cancelled}, {@code rejected} (before any work), {@code unprocessed} (may be made again), {@code client} (4xx),
     *     {@code unclassified}, or what a {@link Classified} failure says, such as {@code h2(INTERNAL_ERROR)}
     */
    default Classification ofFailure(Throwable cause) {
        return FailureClasses.of(cause);
    }

    /**
     * The classifier for those who have said nothing else: 5xx is a failure. With gRPC the gRPC status decides, that of the head
     * or else that of the trailers: UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, INTERNAL, UNAVAILABLE and DATA_LOSS are
     * failures, and a reply without a status is one of UNKNOWN.
     *
     * @return the classifier
     */
    static Classifier standard() {
        return StandardClassifier.INSTANCE;
    }

    /**
     * The classifier of an exchange.
     *
     * @param exchange the exchange
     * @return the one that its route has set, or the standard one
     */
    static Classifier of(HttpExchange exchange) {
        Classifier set = exchange.attributes().get(KEY);
        return set == null ? standard() : set;
    }

    /**
     * Judges an exchange that is over, by the classifier that its route has {@linkplain io.headgate.http.ExchangeNotes noted}, or
     * else the standard one. A reply of the gateway's own is judged by the failure that it is for.
     *
     * @param record the exchange
     * @return the verdict
     */
    static Classification judge(ExchangeRecord record) {
        Classifier noted = record.note(KEY);
        Classifier classifier = noted == null ? standard() : noted;
        RequestHead request = record.exchange().head();
        ReplyHead reply = record.reply();
        Throwable cause = record.cause();
        if (record.outcome() == Outcome.CANCELLED) {
            return classifier.atCancel(request, reply);
        }
        if (cause != null || reply == null) {
            return cause == null ? Classification.FAILURE : classifier.ofFailure(cause);
        }
        return classifier.atEnd(request, reply, record.trailers());
    }
}
