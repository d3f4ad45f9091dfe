package io.headgate.profile;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.retry.BudgetSettings;
import io.headgate.test.ScriptedService;
import io.headgate.test.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import reactor.test.publisher.TestPublisher;

/** A router whose profiles come when a test says so, and whose services are scripted. */
abstract class ProfileRouterTestBase {

    static final String NAME = "orders.example:8080";
    static final BudgetSettings BUDGET = new BudgetSettings(0, 1, Duration.ofSeconds(1));

    final VirtualClock clock = VirtualClock.install();
    final TestPublisher<Profile> profiles = TestPublisher.create();
    final Map<Object, ScriptedService> services = new ConcurrentHashMap<>();
    final List<String> asked = new ArrayList<>();

    @AfterEach
    void endTime() {
        clock.close();
    }

    ProfileRouter router(UnaryOperator<ProfileRouting> change) {
        ProfileRouting routing = ProfileRouting.of(
                        name -> {
                            asked.add(name);
                            return profiles.flux();
                        },
                        this::service)
                .withScheduler(clock);
        return change.apply(routing).create(NAME);
    }

    ProfileRouter router() {
        return router(routing -> routing);
    }

    ScriptedService service(Object key) {
        return services.compute(
                key,
                (same, known) ->
                        known == null || known.status() == Service.Status.CLOSED ? ScriptedService.create() : known);
    }

    static HttpExchange get(String target) {
        return HttpExchange.of(RequestHead.of("GET", "orders.example", target), Body.empty());
    }

    static ProfileRoute route(String path) {
        return ProfileRoute.of(RequestMatch.path(path)).withLabel("route", path);
    }

    CompletableFuture<HttpReply> call(ProfileRouter router, String target) {
        return router.call(get(target)).toFuture();
    }

    /** The last call that a service has seen. */
    ScriptedService.Call last(Object key) {
        List<ScriptedService.Call> calls = services.get(key).calls();
        return calls.get(calls.size() - 1);
    }

    Map<String, String> labelsOf(ProfileRouter router, String target) {
        call(router, target);
        return RouteLabels.of(last(NAME).exchange()).raw();
    }
}
