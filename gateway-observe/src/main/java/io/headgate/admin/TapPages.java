package io.headgate.admin;

import io.headgate.GatewayException;
import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Answer.Event;
import io.headgate.admin.internal.Ask;
import io.headgate.admin.internal.Json;
import io.headgate.admin.internal.Problem;
import io.headgate.admin.internal.Resource;
import io.headgate.tap.Tap;
import io.headgate.tap.TapObservation;
import io.headgate.tap.TapRequest;
import io.headgate.tap.TapSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** {@code /taps} and {@code /tap}. */
final class TapPages {

    private static final Logger LOG = LoggerFactory.getLogger(TapPages.class);

    private final Map<String, TapSource> taps;
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    TapPages(Map<String, TapSource> taps, int most) {
        this.taps = taps;
        this.most = most;
    }

    // ---- who observes

    Resource overview() {
        return Resource.of("/taps", "who observes, and what that has come to").on("GET", ask -> {
            ask.query().only();
            List<Object> all = new ArrayList<>();
            taps.forEach((name, source) -> all.add(view(name, source)));
            return Answer.json(200, Json.object("streams", open.get(), "mostStreams", most, "taps", all));
        });
    }

    private static Map<String, Object> view(String name, TapSource source) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", name);
        if (source instanceof Tap tap) {
            view.put("stats", tap.stats());
            view.put(
                    "observations",
                    tap.observations().stream().map(TapPages::view).toList());
        }
        return view;
    }

    private static Map<String, Object> view(TapObservation observation) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("base", Integer.toUnsignedString(observation.base()));
        view.put("ageMs", observation.age().toMillis());
        view.put("request", TapEvents.request(observation.request()));
        view.put("taken", observation.taken());
        view.put("openStreams", observation.openStreams());
        view.put("droppedEvents", observation.droppedEvents());
        view.put("droppedExchanges", observation.droppedExchanges());
        return view;
    }

    // ---- to observe

    Resource stream() {
        return Resource.of("/tap", "what goes through, live; the query says what to look for", Resource.EVENTS)
                .on("GET", this::observe);
    }

    private Answer observe(Ask ask) {
        TapRequest request = TapQuery.parse(ask.query());
        TapSource source = source(ask);
        if (open.get() >= most) {
            throw tooMany();
        }
        TapEvents events = new TapEvents(request.headers().shown());
        return new Answer.Events(200, Flux.defer(() -> {
            if (open.getAndUpdate(count -> Math.min(count + 1, most)) == most) {
                return Flux.just(failed(tooMany()));
            }
            return source.observe(request)
                    .map(events::write)
                    .concatWith(Mono.just(new Event("end", Map.of("reason", "limit"))))
                    .onErrorResume(failed -> Mono.just(failed(failed)))
                    .doFinally(signal -> open.decrementAndGet());
        }));
    }

    private TapSource source(Ask ask) {
        String name = ask.query().one("tap");
        if (name == null && taps.size() == 1) {
            return taps.values().iterator().next();
        }
        TapSource named = name == null ? null : taps.get(name);
        if (named == null) {
            throw Problem.parameter("tap", name == null ? "missing" : name, "one of " + taps.keySet());
        }
        return named;
    }

    private Problem tooMany() {
        return new Problem(503, "taps: " + most + " are open here (expected: fewer)").withHeader("Retry-After", "5");
    }

    /** The head has gone, so it is told in the stream. */
    private static Event failed(Throwable why) {
        if (why instanceof GatewayException || why instanceof Problem) {
            return new Event("end", Json.object("reason", "failed", "detail", String.valueOf(why.getMessage())));
        }
        LOG.warn("tap failed", why);
        return new Event("end", Json.object("reason", "failed", "detail", "the log says why"));
    }
}
