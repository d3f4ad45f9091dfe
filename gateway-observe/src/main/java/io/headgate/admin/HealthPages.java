package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Ask;
import io.headgate.admin.internal.Json;
import io.headgate.admin.internal.Problem;
import io.headgate.admin.internal.Resource;
import io.headgate.gateway.Gateway;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** {@code /live} and {@code /ready}. */
final class HealthPages {

    static final String LIVE = "/live";

    /** Who asks has a limit of its own, which is a second unless somebody has changed it. */
    private static final Duration LIMIT = Duration.ofMillis(900);

    private final @Nullable Gateway gateway;
    private final Map<String, Mono<String>> checks;
    private final Scheduler timer;

    HealthPages(@Nullable Gateway gateway, Map<String, Mono<String>> checks, Scheduler timer) {
        this.gateway = gateway;
        this.checks = checks;
        this.timer = timer;
    }

    Resource live() {
        return Resource.of(LIVE, "whether the process is alive").on("GET", ask -> {
            ask.query().only();
            return Answer.json(200, Map.of("status", "live"));
        });
    }

    Resource ready() {
        return Resource.of("/ready", "whether it should get traffic; 503 with the reasons when not")
                .later("GET", this::ready);
    }

    private Mono<Answer> ready(Ask ask) {
        ask.query().only();
        return Flux.fromIterable(checks.entrySet())
                .flatMap(check -> reason(check.getValue()).map(reason -> Map.entry(check.getKey(), reason)))
                .collect(TreeMap<String, String>::new, (all, one) -> all.put(one.getKey(), one.getValue()))
                .map(this::answer);
    }

    private Answer answer(TreeMap<String, String> reasons) {
        String reason = gateway == null ? null : reason(gateway);
        if (reason != null) {
            reasons.put("gateway", reason);
        }
        if (!reasons.isEmpty()) {
            throw new Problem(503, "not ready: " + String.join(", ", reasons.keySet())).with("reasons", reasons);
        }
        return Answer.json(200, Json.object("status", "ready", "checks", checks.keySet()));
    }

    private static @Nullable String reason(Gateway gateway) {
        if (gateway.isDraining()) {
            return "draining";
        }
        return gateway.progress().listening() ? null : "no port is open";
    }

    private Mono<String> reason(Mono<String> check) {
        return check.timeout(LIMIT, Mono.just("no answer within " + LIMIT.toMillis() + " ms"), timer)
                .onErrorResume(failed -> Mono.just(String.valueOf(failed)));
    }
}
