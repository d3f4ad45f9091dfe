package io.headgate.metrics;

import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.breaker.CircuitBreakers;
import io.headgate.breaker.Ejection;
import io.headgate.concurrency.Bulkhead;
import io.headgate.concurrency.ConcurrencyLimit;
import io.headgate.concurrency.LoadShedding;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.gateway.ListenerSpec;
import io.headgate.health.HealthCounts;
import io.headgate.hedge.Hedge;
import io.headgate.hedge.HedgePolicy;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mirror.Mirror;
import io.headgate.mux.LimitCounts;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileRouter;
import io.headgate.profile.ProfileRouting;
import io.headgate.profile.RequestMatch;
import io.headgate.ratelimit.RateLimits;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.Update;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.route.Recognizer;
import io.headgate.route.Router;
import io.headgate.route.ServiceCache;
import io.headgate.tap.TapStats;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A gateway with one of everything, all of it bound: clients, an upstream and TLS are on sockets. */
final class EngineScene implements AutoCloseable {

    static final String NAME = "edge";
    static final Duration LONG = Duration.ofSeconds(20);

    final LimitCounts floods = LimitCounts.create();
    final Gateway gateway =
            Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2).withLimitObserver(floods));
    final Gateway outside = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    final Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
    final CircuitBreakers breakers =
            CircuitBreakers.of(() -> CircuitBreaker.of(BreakerSettings.DEFAULTS.withConsecutiveFailures(2)));
    final Balancer balancer = Balancer.create(
            updates.asFlux(),
            endpoint -> breakers.stageFor(endpoint).wrap(gateway.endpoints().create(endpoint)),
            BalancerSettings.DEFAULTS);
    final X509Bundle certificate = certificate();
    final Listener server;
    final Listener plain;
    final Listener secure;
    private final List<Disposable> bindings = new ArrayList<>();

    EngineScene() {
        server = outside.listen(
                        "127.0.0.1",
                        0,
                        exchange -> Mono.fromSupplier(
                                () -> HttpReply.text(exchange.head().path().equals("/fail") ? 500 : 200, "done")))
                .block(LONG);
        plain = gateway.listen("127.0.0.1", 0, balancer).block(LONG);
        secure = gateway.listen(
                        ListenerSpec.of("127.0.0.1", 0)
                                .withTls(ServerTls.of(Credential.of(
                                        certificate.getKeyPair().getPrivate(), certificate.getCertificatePathList()))),
                        balancer)
                .block(LONG);
        updates.tryEmitNext(new Update.Reset<>(List.of(endpoint()))).orThrow();
    }

    private static X509Bundle certificate() {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=localhost")
                    .addSanDnsName("localhost")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    Endpoint endpoint() {
        return Endpoint.of("127.0.0.1", server.port());
    }

    /** Binds all that is on the path of requests. */
    EngineScene bind(EngineMetrics metrics) {
        bindings.add(metrics.bind(NAME, gateway));
        bindings.add(metrics.bind(NAME, floods));
        bindings.add(metrics.bind(NAME, balancer));
        bindings.add(metrics.bind(NAME, breakers));
        return this;
    }

    /** Binds everything that there is. */
    EngineScene bindAll(MeterRegistry registry) {
        EngineMetrics metrics = EngineMetrics.of(registry);
        bind(metrics);
        RetryBudget budget = RetryBudget.of(BudgetSettings.DEFAULTS);
        ServiceCache<String> cache = ServiceCache.of(key -> balancer);
        SourceAges ages = SourceAges.create();
        ages.current("orders");
        ProfileRouter profiles = ProfileRouting.of(
                        name -> Flux.just(Profile.of(
                                ProfileRoute.of(RequestMatch.method("GET")).withLabel("route", "reads"))),
                        name -> balancer)
                .create("orders");
        bindings.add(profiles.closeAsync(Duration.ZERO)::subscribe);
        bindings.add(metrics.bind(NAME, Router.of(Recognizer.by(exchange -> "all"), cache)));
        bindings.add(metrics.bind("other", cache));
        bindings.add(metrics.bind(NAME, profiles));
        bindings.add(metrics.bind(NAME, ages));
        bindings.add(metrics.bind("one", CircuitBreaker.create()));
        bindings.add(metrics.bind(NAME, Ejection.create()));
        bindings.add(metrics.bind(NAME, HealthCounts.create()));
        bindings.add(metrics.bind(NAME, Retry.of(RetryPolicy.DEFAULTS, budget)));
        bindings.add(metrics.bind(NAME, budget));
        bindings.add(metrics.bind(NAME, Hedge.of(HedgePolicy.DEFAULTS, budget)));
        bindings.add(metrics.bind(NAME, Mirror.to(balancer)));
        bindings.add(metrics.bind(NAME, ConcurrencyLimit.of(10)));
        bindings.add(metrics.bind(NAME, Bulkhead.of(10, HttpExchange::head)));
        bindings.add(metrics.bind(NAME, LoadShedding.create()));
        bindings.add(metrics.bind(NAME, RateLimits.create()));
        bindings.add(metrics.bindTap(NAME, () -> new TapStats(0, 0, 0, 0, 0, 0)));
        bindings.add(metrics.bindAccessLog(NAME, () -> 0));
        return this;
    }

    @Override
    public void close() {
        bindings.forEach(Disposable::dispose);
        outside.closeAsync().block(LONG);
        balancer.closeAsync(Duration.ZERO).block(LONG);
        gateway.closeAsync().block(LONG);
    }
}
