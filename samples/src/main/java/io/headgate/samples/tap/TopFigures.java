package io.headgate.samples.tap;

import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.OfExchange;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The figures of {@code top}: routes by rate, from the events of a tap, over a window of some intervals. Memory is bounded: routes
 * beyond the first few hundred of a window are counted together. Any thread.
 */
public final class TopFigures {

    /** The route of what has no row of its own. */
    public static final String OTHERS = "(others)";

    private static final int INTERVALS = 10;
    private static final int MOST_ROUTES = 256;
    private static final int MOST_OPEN = 16_384;
    private static final double NANOS = 1e9;

    /** UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, INTERNAL, UNAVAILABLE, DATA_LOSS: as the standard classifier has it. */
    private static final Set<Integer> GRPC_FAILURES = Set.of(2, 4, 7, 13, 14, 15);

    /** Failures that clients have to answer for. */
    private static final Set<String> OF_CLIENTS = Set.of("client", "cancelled");

    private final Map<TapId, Call> open = new LinkedHashMap<>();
    private final Map<String, TopRoute> routes = new HashMap<>();
    private final Deque<Duration> intervals = new ArrayDeque<>();
    private final double probability;
    private long droppedEvents;
    private long droppedExchanges;
    private long forgotten;

    /**
     * Figures of nothing yet.
     *
     * @param probability the chance of each request to be seen, by which rates are divided
     */
    public TopFigures(double probability) {
        this.probability = probability;
    }

    /**
     * Counts an event.
     *
     * @param event what was seen
     */
    public synchronized void accept(TapEvent event) {
        if (event instanceof RequestInit request) {
            begin(request);
        } else if (event instanceof ResponseInit response) {
            Call call = open.get(response.id());
            if (call != null) {
                call.status = response.status();
                call.latency = response.sinceRequestInit();
            }
        } else if (event instanceof ResponseEnd end) {
            end(end);
        } else if (event instanceof Dropped dropped) {
            droppedEvents += dropped.events();
            droppedExchanges += dropped.exchanges();
        } else if (!(event instanceof OfExchange)) {
            throw new IllegalArgumentException("event: " + event + " (expected: one that is known)");
        }
    }

    private void begin(RequestInit request) {
        open.put(request.id(), new Call(RouteNames.of(request)));
        if (open.size() > MOST_OPEN) {
            Iterator<Call> oldest = open.values().iterator();
            oldest.next();
            oldest.remove();
            forgotten++;
        }
    }

    private void end(ResponseEnd end) {
        Call call = open.remove(end.id());
        if (call == null) {
            return; // its beginning was dropped, which was counted
        }
        long latency = call.latency < 0 ? end.sinceRequestInit() : call.latency;
        route(call.route).add(latency / 1_000, isSuccess(call.status, end.end()));
    }

    private TopRoute route(String name) {
        TopRoute known = routes.get(name);
        if (known != null) {
            return known;
        }
        String counted = routes.size() < MOST_ROUTES ? name : OTHERS;
        return routes.computeIfAbsent(counted, any -> new TopRoute(INTERVALS));
    }

    private static boolean isSuccess(int status, End end) {
        if (end instanceof End.Grpc grpc) {
            return !GRPC_FAILURES.contains(grpc.status());
        } else if (end instanceof End.Failed failed) {
            return OF_CLIENTS.contains(failed.error());
        }
        return status < 500;
    }

    /**
     * Ends an interval. Routes without a request in the whole window are forgotten.
     *
     * @param length how long it was
     * @return the figures of the window that ends with it
     */
    public synchronized TopView roll(Duration length) {
        intervals.addLast(length);
        if (intervals.size() > INTERVALS) {
            intervals.removeFirst();
        }
        Duration window = intervals.stream().reduce(Duration.ZERO, Duration::plus);
        double seconds = window.toNanos() / NANOS;
        List<TopRow> rows = routes.entrySet().stream()
                .map(route -> route.getValue().row(route.getKey(), seconds * probability))
                .filter(row -> row.requests() > 0)
                .sorted(Comparator.comparingLong(TopRow::requests).reversed().thenComparing(TopRow::route))
                .toList();
        routes.values().removeIf(TopRoute::roll);
        return new TopView(rows, window, probability, open.size(), droppedEvents, droppedExchanges, forgotten);
    }

    /** An exchange that has begun. */
    private static final class Call {
        private final String route;
        private int status;
        private long latency = -1;

        Call(String route) {
            this.route = route;
        }
    }
}
