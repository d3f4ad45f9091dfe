package io.headgate.metrics;

import io.headgate.Stage;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.ConnectionObserver;
import io.headgate.profile.RouteLabels;
import io.headgate.profile.RouteWatch;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.RetryListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * Measures what passes through a gateway: the exchanges of clients, the attempts at endpoints, the calls of routes of profiles.
 *
 * <pre>{@code
 * PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
 * HttpMetrics metrics = HttpMetrics.of(registry);
 * Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withObservers(metrics.exchanges()));
 * Stack<Endpoint, HttpExchange, HttpReply> endpoints = Stack.<Endpoint, HttpExchange, HttpReply>of(gateway.endpoints())
 *         .pushFor(Role.of("metrics"), "nearest to the endpoint, to see each attempt", metrics::stageFor);
 * }</pre>
 *
 * <p>How series are called is a matter of the {@link HttpConvention}. Series are bound when a stack or a route is built, or a
 * combination of method, status and classification occurs for the first time; an exchange then finds them by index, without a lock
 * and without making objects for it. How many there are is bounded by {@link HttpMetricsSettings}.
 *
 * <p><b>The end of series.</b> A target holds its series while it is in use: an endpoint until its service is closed, a route until its
 * table or profile is forgotten. After that they are removed from the registry when nobody has used them for
 * {@link HttpMetricsSettings#idle}, by {@link #sweep} or by a scheduler; one that comes back begins at zero.
 *
 * <p><b>Threading.</b> Any thread may call. What is recorded is recorded on the threads of the exchanges.
 */
public final class HttpMetrics implements AutoCloseable {

    private final HttpTargets targets;
    private final HttpServerSide server;
    private final HttpRouteWatch routes;
    private final HttpConnections connections;

    private HttpMetrics(HttpTargets targets) {
        this.targets = targets;
        this.server = new HttpServerSide(targets);
        this.routes = new HttpRouteWatch(targets);
        this.connections = new HttpConnections(targets);
    }

    /**
     * Metrics by the conventions of OpenTelemetry, with default settings; call {@link #sweep} before each scrape.
     *
     * @param registry takes the meters; stays the caller's to close
     * @return new metrics
     */
    public static HttpMetrics of(MeterRegistry registry) {
        return of(registry, OtelConvention.DEFAULTS);
    }

    /**
     * Metrics by a convention, with default settings; call {@link #sweep} before each scrape.
     *
     * @param registry takes the meters; stays the caller's to close
     * @param convention how series are called
     * @return new metrics
     */
    public static HttpMetrics of(MeterRegistry registry, HttpConvention convention) {
        return of(registry, convention, HttpMetricsSettings.DEFAULTS, System::nanoTime, null);
    }

    /**
     * Metrics.
     *
     * @param registry takes the meters; stays the caller's to close
     * @param convention how series are called
     * @param settings how much is kept
     * @param clock nanoseconds that go up; called on event loops
     * @param scheduler sweeps by itself, a tenth of the idle time apart, while there is anything to sweep; stays the caller's to dispose
     *     of. Null when {@link #sweep} is called
     * @return new metrics
     */
    public static HttpMetrics of(
            MeterRegistry registry,
            HttpConvention convention,
            HttpMetricsSettings settings,
            LongSupplier clock,
            @Nullable Scheduler scheduler) {
        Objects.requireNonNull(registry, "registry");
        Objects.requireNonNull(convention, "convention");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(clock, "clock");
        return new HttpMetrics(new HttpTargets(registry, convention, settings, clock, scheduler));
    }

    /**
     * Measures what clients ask, for {@link io.headgate.gateway.GatewaySpec#withObservers}. A request counts when its head has been seen,
     * whatever becomes of it; its end, whichever of the four outcomes, once and by the route that it has taken.
     *
     * @return observes all exchanges
     */
    public ExchangeObserver.Factory exchanges() {
        return server;
    }

    /**
     * Measures the attempts at an endpoint, for {@link io.headgate.Stack#pushFor}. It belongs below retries and balancers. The wrapped
     * service holds the series of the endpoint until it is closed.
     *
     * @param endpoint the endpoint
     * @return the stage
     */
    public Stage<HttpExchange, HttpReply> stageFor(Endpoint endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        return next -> new HttpAttempts(targets, endpoint, next);
    }

    /**
     * Measures the routes of profiles, for {@link io.headgate.profile.ProfileRouting#withWatch}: calls, attempts and retries.
     *
     * @return watches routes
     */
    public RouteWatch routes() {
        return routes;
    }

    /**
     * Counts the retries of a stage that belongs to no profile, for {@link io.headgate.retry.Retry#withListener}.
     *
     * @param destination what is called
     * @param labels what else to call it
     * @return counts; holds its series as long as it is in use
     */
    public RetryListener retries(String destination, RouteLabels labels) {
        return routes.retries(destination, labels);
    }

    /**
     * Measures connections, for {@link io.headgate.gateway.GatewaySpec#withConnectionObserver}, as far as the convention has series of them.
     *
     * @return observes connections
     */
    public ConnectionObserver connections() {
        return connections;
    }

    HttpTargets targets() {
        return targets;
    }

    /**
     * Removes the series of targets that nobody holds and nobody has used for long. Cheap enough to come before each scrape.
     *
     * @return how many targets were removed
     */
    public int sweep() {
        return targets.sweep();
    }

    /**
     * What is kept now.
     *
     * @return a snapshot
     */
    public HttpMetricsStats stats() {
        return targets.stats();
    }

    /** Takes all series out of the registry. Exchanges that go on are recorded nowhere. */
    @Override
    public void close() {
        targets.close();
    }

    @Override
    public String toString() {
        return "metrics by " + targets.convention();
    }
}
