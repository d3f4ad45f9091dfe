package io.headgate.samples;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.accesslog.AccessLog;
import io.headgate.admin.Admin;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Upstream;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.tap.Tap;
import io.headgate.tap.TapPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what is on of a gateway to see what it does: observers of its exchanges, stages above its endpoints, and the ports that show it. What is
 * off is not there at all. Close it after the gateway.
 */
final class Observed implements AutoCloseable {

    private static final String NAME = "proxy";

    private final ObservedSpec spec;
    private final @Nullable Metering metering;
    private final @Nullable Traces traces;
    private final @Nullable Tap tap;
    private final Admin.Builder pages = Admin.builder();
    private final List<Balancer> balancers = new ArrayList<>();
    private @Nullable ObservationPorts ports;

    Observed(ObservedSpec spec) {
        this.spec = spec;
        this.metering = spec.metrics() == null ? null : new Metering(spec.metrics());
        this.traces = spec.tracing() == 0 ? null : new Traces(spec.tracing(), spec.spans());
        this.tap = spec.tap() == null && spec.admin() == null ? null : Tap.create();
    }

    /** For the gateway; tracing is told first, so that the others can know the span. */
    ExchangeObserver.Factory observers() {
        ExchangeObserver.Factory all = traces == null
                ? ExchangeObserver.Factory.NONE
                : traces.tracing().observers();
        all = metering == null ? all : all.and(metering.http().exchanges());
        AccessLog log = spec.log();
        return log == null ? all : all.and(log);
    }

    /**
     * The service that takes turns between some upstreams, with a stack above the endpoint of each. With nothing on that is the upstream
     * itself.
     *
     * @param name what to call it
     * @param urls at least one
     * @param maker makes the upstream of some URLs
     */
    Service<HttpExchange, HttpReply> service(String name, List<String> urls, Function<List<String>, Upstream> maker) {
        if (tap == null && metering == null && traces == null) {
            return maker.apply(urls);
        }
        Map<Endpoint, Upstream> upstreams = new LinkedHashMap<>();
        for (String url : new LinkedHashSet<>(urls)) {
            Upstream upstream = maker.apply(List.of(url));
            upstreams.put(upstream.endpoints().get(0), upstream);
        }
        Stack<Endpoint, HttpExchange, HttpReply> stack = stack(upstreams);
        pages.stack(name, stack);
        if (upstreams.size() == 1) {
            Upstream only = upstreams.values().iterator().next();
            pages.upstream(name, only);
            return stack.make(only.endpoints().get(0));
        }
        return balanced(name, upstreams, stack);
    }

    private Stack<Endpoint, HttpExchange, HttpReply> stack(Map<Endpoint, Upstream> upstreams) {
        Stack<Endpoint, HttpExchange, HttpReply> stack =
                Stack.of(endpoint -> Objects.requireNonNull(upstreams.get(endpoint)));
        if (tap != null) {
            stack = stack.pushFor(
                    Role.of("tap"),
                    "lowest, to show what the endpoint is asked",
                    endpoint -> tap.stage(TapPoint.to(endpoint)));
        }
        if (traces != null) {
            stack = stack.pushFor(Role.of("tracing"), "a span for each attempt", traces.tracing()::attempts);
        }
        if (metering != null) {
            stack = stack.pushFor(
                    Role.of("metrics"), "below all that could make an attempt more", metering.http()::stageFor);
        }
        return stack;
    }

    private Balancer balanced(
            String name, Map<Endpoint, Upstream> upstreams, Stack<Endpoint, HttpExchange, HttpReply> stack) {
        Resolver all = Resolver.fixed(upstreams.keySet().toArray(Endpoint[]::new));
        Balancer balancer = Balancer.create(
                all.resolve(name), stack::make, BalancerSettings.DEFAULTS.withStrategy(new Strategy.RoundRobin()));
        balancers.add(balancer);
        pages.balancer(name, balancer);
        if (metering != null) {
            metering.engines().bind(name, balancer);
        }
        return balancer;
    }

    /** Opens the ports. */
    void open(Gateway gateway) {
        pages.gateway(gateway);
        Tap shown = tap;
        if (shown != null) {
            pages.tap("endpoints", shown);
        }
        AccessLog log = spec.log();
        if (log != null) {
            pages.figures("access log", log::stats);
        }
        Metering meters = metering;
        if (meters != null) {
            meters.engines().bind(NAME, gateway);
            if (shown != null) {
                meters.engines().bindTap(NAME, shown::stats);
            }
            if (log != null) {
                meters.engines().bindAccessLog(NAME, log::dropped);
            }
            pages.metrics(meters::scrape);
        }
        ports = ObservationPorts.open(spec, shown, pages);
    }

    /** More for the admin pages, before they are opened. */
    Admin.Builder pages() {
        return pages;
    }

    /** What is open, a line each. */
    List<String> lines() {
        return ports == null ? List.of() : ports.lines();
    }

    /** Null when it is not on. */
    @Nullable ObservationPorts ports() {
        return ports;
    }

    /** Null when it is not on. */
    @Nullable Traces traces() {
        return traces;
    }

    @Override
    public void close() {
        if (ports != null) {
            ports.close();
        }
        balancers.forEach(balancer -> balancer.closeAsync(Duration.ZERO).block());
        if (metering != null) {
            metering.close();
        }
        if (traces != null) {
            traces.close();
        }
    }
}
