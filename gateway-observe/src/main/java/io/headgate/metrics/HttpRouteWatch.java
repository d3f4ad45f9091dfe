package io.headgate.metrics;

import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.profile.RouteLabels;
import io.headgate.profile.RouteWatch;
import io.headgate.retry.RetryListener;
import java.util.function.Function;

/** Measures the routes of profiles: each as its clients see it, and as its targets do. */
final class HttpRouteWatch implements RouteWatch {

    private final HttpTargets targets;

    HttpRouteWatch(HttpTargets targets) {
        this.targets = targets;
    }

    @Override
    public Function<HttpExchange, CallWatch> calls(String destination, RouteLabels labels) {
        return new Watches(targets, new HttpTarget.Calls(destination, labels));
    }

    @Override
    public Function<HttpExchange, CallWatch> attempts(String destination, RouteLabels labels) {
        return new Watches(targets, new HttpTarget.Attempts(destination, labels));
    }

    @Override
    public RetryListener retries(String destination, RouteLabels labels) {
        return new HttpRetries(targets, new HttpTarget.Calls(destination, labels));
    }

    /** Holds the series of its route as long as the route has it. */
    private static final class Watches implements Function<HttpExchange, CallWatch> {

        private final HttpTargetSeries series;

        Watches(HttpTargets targets, HttpTarget target) {
            series = targets.hold(this, target).series();
        }

        @Override
        public CallWatch apply(HttpExchange exchange) {
            return new HttpCallWatch(series.requests(HttpRequestTraits.ofServer(exchange)), exchange);
        }
    }
}
