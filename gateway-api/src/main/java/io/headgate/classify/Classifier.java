package io.headgate.classify;

import io.headgate.Key;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
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
     * @param trailers its trailers, empty when there are none or when the client left before them
     * @return the verdict
     */
    Classification atEnd(RequestHead request, ReplyHead reply, Fields trailers);

    /**
     * Judges a call that has no whole reply.
     *
     * @param cause why
     * @return the verdict, a failure
     */
    default Classification ofFailure(Throwable cause) {
        return FailureClasses.of(cause);
    }

    /**
     * The classifier for those who have said nothing else: 5xx is a failure; with gRPC the status decides, and UNKNOWN,
     * DEADLINE_EXCEEDED, PERMISSION_DENIED, INTERNAL, UNAVAILABLE and DATA_LOSS are failures, as is a reply without a status.
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
}
