package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Answer.Event;
import io.headgate.admin.internal.Ask;
import io.headgate.admin.internal.Json;
import io.headgate.admin.internal.Query;
import io.headgate.admin.internal.Resource;
import io.headgate.gateway.DrainProgress;
import io.headgate.gateway.Gateway;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** {@code /drain}: ends the gateway, and tells how far that has come, whoever has begun it. */
final class DrainPage {

    private static final Logger LOG = LoggerFactory.getLogger(DrainPage.class);
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);
    private static final Duration LONGEST_GRACE = Duration.ofDays(1);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Gateway gateway;
    private final Scheduler timer;

    DrainPage(Gateway gateway, Scheduler timer) {
        this.gateway = gateway;
        this.timer = timer;
    }

    Resource resource() {
        return Resource.of(
                        "/drain",
                        "POST ?grace=10s drains the gateway; GET tells how far that is",
                        Json.TYPE,
                        Resource.EVENTS)
                .on("GET", this::show)
                .on("POST", this::start);
    }

    private Answer show(Ask ask) {
        ask.query().only();
        return answer(200, ask);
    }

    private Answer start(Ask ask) {
        Query query = ask.query();
        query.only("grace");
        Duration grace = query.time("grace", DEFAULT_GRACE, LONGEST_GRACE);
        LOG.info("drain with {} of grace asked for", grace);
        gateway.drain(grace).subscribe(progress -> {}, failed -> LOG.error("drain failed", failed));
        return answer(202, ask);
    }

    private Answer answer(int status, Ask ask) {
        return ask.type().equals(Json.TYPE)
                ? Answer.json(status, state())
                : new Answer.Events(
                        status,
                        Flux.interval(Duration.ZERO, LOOK, timer)
                                .onBackpressureDrop()
                                .map(look -> state())
                                .distinctUntilChanged()
                                .takeUntil(state -> "drained".equals(state.get("state")))
                                .map(state -> new Event("drain", state)));
    }

    private Map<String, Object> state() {
        boolean over = gateway.isDisposed();
        DrainProgress progress = gateway.progress();
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("state", over ? "drained" : gateway.isDraining() ? "draining" : "open");
        state.put("listening", progress.listening());
        state.put("connections", progress.connections());
        state.put("exchanges", progress.exchanges());
        state.put("cut", progress.cut());
        state.put("elapsedMs", progress.elapsed().toMillis());
        return state;
    }
}
