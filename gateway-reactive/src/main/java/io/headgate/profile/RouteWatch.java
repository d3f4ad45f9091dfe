package io.headgate.profile;

import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.retry.RetryListener;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Wants to know of the calls of routes: the place for metrics. It is asked once for each route, when the route appears in a
 * profile, and once for the default route of each destination; an unchanged route of a later profile is not asked for again.
 *
 * <p>The exchanges that the factories are given carry the {@link RouteLabels} and the
 * {@linkplain io.headgate.classify.Classifier#of classifier} of the route. The methods are called on the thread of the profile source and
 * must not block.
 */
public interface RouteWatch {

    /** Wants to know nothing. */
    RouteWatch NONE = new RouteWatch() {};

    /**
     * Watches the calls of a route as its clients see them: one for each request, retries and timeout included.
     *
     * @param destination whose profile it is
     * @param labels of the route
     * @return makes the watch of a call, or null; null instead of a factory when nobody wants to know
     */
    default @Nullable Function<HttpExchange, ? extends @Nullable CallWatch> calls(
            String destination, RouteLabels labels) {
        return null;
    }

    /**
     * Watches the attempts of a route as its targets see them: one for each try of a request.
     *
     * @param destination whose profile it is
     * @param labels of the route
     * @return makes the watch of an attempt, or null; null instead of a factory when nobody wants to know
     */
    default @Nullable Function<HttpExchange, ? extends @Nullable CallWatch> attempts(
            String destination, RouteLabels labels) {
        return null;
    }

    /**
     * Wants to be told of the retries of a route; asked only for routes that may retry.
     *
     * @param destination whose profile it is
     * @param labels of the route
     * @return is told, besides {@link ProfileRouting#withRetries the listener} of all routes
     */
    default RetryListener retries(String destination, RouteLabels labels) {
        return RetryListener.NONE;
    }
}
