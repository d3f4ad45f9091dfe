package io.headgate.metrics;

import io.headgate.Key;
import io.headgate.classify.Classifier;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import io.headgate.metrics.HttpTargetSeries.Requests;
import io.headgate.profile.RouteLabels;
import io.headgate.route.Route;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts what clients ask of the gateway. A request counts when it is seen, its end by the route that it has taken. */
final class HttpServerSide implements ExchangeObserver.Factory {

    /** Where an exchange began, as far as its end cannot find that again. */
    private static final Key<Requests> SEEN = Key.of("http-metrics");

    private final HttpTargets targets;
    private final boolean hasLabels;
    private final boolean isByRoute;
    private final HttpTargetSeries all;
    private final HttpRoutes routes;
    private final ExchangeObserver.Factory records;

    HttpServerSide(HttpTargets targets) {
        this.targets = targets;
        hasLabels = targets.convention().hasServerLabels();
        isByRoute = targets.convention().isByRoute();
        all = targets.permanent(new HttpTarget.Server(Map.of(), null));
        routes = new HttpRoutes(targets);
        records = ExchangeRecord.to(this::ended, targets::now);
    }

    @Override
    public @Nullable ExchangeObserver observe(HttpExchange exchange) {
        Requests requests = requests(exchange);
        requests.seen().began();
        if (hasLabels) {
            ExchangeNotes.note(exchange, SEEN, requests);
        }
        return records.observe(exchange);
    }

    private Requests requests(HttpExchange exchange) {
        HttpTargetSeries series = hasLabels
                ? targets.find(new HttpTarget.Server(targets.convention().serverLabels(exchange), null))
                : all;
        return series.requests(HttpRequestTraits.ofServer(exchange));
    }

    private void ended(ExchangeRecord record) {
        Requests noted = hasLabels ? record.note(SEEN) : null;
        Requests requests = noted == null ? requests(record.exchange()) : noted;
        requests.seen().left();
        ReplyHead reply = record.reply();
        routed(requests, record)
                .reply(
                        reply == null ? HttpReplyTraits.NO_STATUS : reply.status(),
                        targets.verdicts().indexOf(Classifier.judge(record)))
                .ended(record.durationNanos(), record.headAfterNanos(), record.requestBytes(), record.replyBytes());
    }

    private Requests routed(Requests requests, ExchangeRecord record) {
        Object route = isByRoute ? routeOf(record) : null;
        if (route == null) {
            return requests;
        }
        HttpTargetSeries series = routes(requests, route);
        return series.requests(HttpRequestTraits.ofServer(record.exchange()));
    }

    private HttpTargetSeries routes(Requests requests, Object route) {
        if (!hasLabels) {
            return routes.of(route);
        }
        HttpTarget.Server seen = (HttpTarget.Server) requests.of().target();
        return targets.find(new HttpTarget.Server(seen.labels(), HttpRoutes.nameOf(route)));
    }

    private static @Nullable Object routeOf(ExchangeRecord record) {
        Route<?> route = record.note(Route.KEY);
        return route == null ? record.note(RouteLabels.KEY) : route;
    }
}
