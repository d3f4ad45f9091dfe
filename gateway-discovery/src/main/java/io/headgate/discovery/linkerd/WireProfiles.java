package io.headgate.discovery.linkerd;

import com.google.protobuf.Duration;
import io.headgate.discovery.linkerd.WireMatches.InvalidMatch;
import io.headgate.discovery.linkerd.internal.wire.DestinationProfile;
import io.headgate.discovery.linkerd.internal.wire.RetryBudget;
import io.headgate.discovery.linkerd.internal.wire.Route;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddr;
import io.headgate.discovery.linkerd.internal.wire.WeightedDst;
import io.headgate.http.RequestSyntax;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ResponseClass;
import io.headgate.profile.WeightedTarget;
import io.headgate.resolve.Endpoint;
import io.headgate.retry.BudgetSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Profiles as the wire spells them. A route or class that makes no sense is left out and logged; the others count. */
final class WireProfiles {

    private static final Logger LOG = LoggerFactory.getLogger(WireProfiles.class);

    private WireProfiles() {}

    // ---- from the wire

    static Profile decode(DestinationProfile wire) {
        List<ProfileRoute> routes = new ArrayList<>(wire.getRoutesCount());
        for (Route route : wire.getRoutesList()) {
            ProfileRoute decoded = decode(route);
            if (decoded != null) {
                routes.add(decoded);
            }
        }
        List<WeightedTarget> targets = new ArrayList<>(wire.getDstOverridesCount());
        for (WeightedDst target : wire.getDstOverridesList()) {
            if (isTarget(target)) {
                targets.add(new WeightedTarget(target.getAuthority(), Integer.toUnsignedLong(target.getWeight())));
            }
        }
        String name = wire.getFullyQualifiedName();
        return new Profile(
                routes,
                wire.hasRetryBudget() ? decode(wire.getRetryBudget()) : null,
                targets,
                wire.getOpaqueProtocol(),
                name.isEmpty() ? null : name,
                wire.hasEndpoint() ? WireEndpoints.decode(wire.getEndpoint(), Map.of()) : null);
    }

    private static boolean isTarget(WeightedDst wire) {
        return wire.getWeight() != 0
                && !wire.getAuthority().isEmpty()
                && RequestSyntax.isAuthority(wire.getAuthority());
    }

    private static @Nullable ProfileRoute decode(Route wire) {
        try {
            return new ProfileRoute(
                    WireMatches.decode(wire.getCondition()),
                    classes(wire),
                    wire.getMetricsLabelsMap(),
                    wire.getIsRetryable(),
                    wire.hasTimeout() ? timeout(wire.getTimeout()) : null);
        } catch (InvalidMatch e) {
            LOG.warn("route {} is left out: {}", wire.getMetricsLabelsMap(), e.getMessage());
            return null;
        }
    }

    private static List<ResponseClass> classes(Route wire) {
        List<ResponseClass> classes = new ArrayList<>(wire.getResponseClassesCount());
        for (var wireClass : wire.getResponseClassesList()) {
            try {
                classes.add(new ResponseClass(WireMatches.decode(wireClass.getCondition()), wireClass.getIsFailure()));
            } catch (InvalidMatch e) {
                LOG.warn("class of route {} is left out: {}", wire.getMetricsLabelsMap(), e.getMessage());
            }
        }
        return classes;
    }

    /** Zero and less say that there is none. */
    private static java.time.@Nullable Duration timeout(Duration wire) {
        java.time.Duration timeout = duration(wire);
        return timeout.isNegative() || timeout.isZero() ? null : timeout;
    }

    private static java.time.Duration duration(Duration wire) {
        return java.time.Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
    }

    private static @Nullable BudgetSettings decode(RetryBudget wire) {
        try {
            return new BudgetSettings(wire.getRetryRatio(), wire.getMinRetriesPerSecond(), duration(wire.getTtl()));
        } catch (IllegalArgumentException e) {
            LOG.warn("retry budget is left out, so that nothing is retried: {}", e.getMessage());
            return null;
        }
    }

    // ---- to the wire

    static DestinationProfile encode(Profile profile) {
        DestinationProfile.Builder wire = DestinationProfile.newBuilder().setOpaqueProtocol(profile.isOpaque());
        profile.routes().forEach(route -> wire.addRoutes(encode(route)));
        for (WeightedTarget target : profile.targets()) {
            wire.addDstOverrides(
                    WeightedDst.newBuilder().setAuthority(target.authority()).setWeight((int)
                            target.weight())); // unsigned on the wire
        }
        BudgetSettings budget = profile.retryBudget();
        if (budget != null) {
            wire.setRetryBudget(RetryBudget.newBuilder()
                    .setRetryRatio((float) budget.ratio())
                    .setMinRetriesPerSecond(budget.minPerSecond())
                    .setTtl(duration(budget.ttl())));
        }
        String name = profile.name();
        if (name != null) {
            wire.setFullyQualifiedName(name);
        }
        Endpoint endpoint = profile.endpoint();
        WeightedAddr address = endpoint == null ? null : WireEndpoints.encode(endpoint);
        if (address != null) {
            wire.setEndpoint(address);
        }
        return wire.build();
    }

    private static Route encode(ProfileRoute route) {
        Route.Builder wire = Route.newBuilder()
                .setCondition(WireMatches.encode(route.condition()))
                .putAllMetricsLabels(route.labels())
                .setIsRetryable(route.isRetryable());
        for (ResponseClass each : route.classes()) {
            wire.addResponseClasses(io.headgate.discovery.linkerd.internal.wire.ResponseClass.newBuilder()
                    .setCondition(WireMatches.encode(each.condition()))
                    .setIsFailure(each.isFailure()));
        }
        java.time.Duration timeout = route.timeout();
        if (timeout != null) {
            wire.setTimeout(duration(timeout));
        }
        return wire.build();
    }

    private static Duration duration(java.time.Duration time) {
        return Duration.newBuilder()
                .setSeconds(time.getSeconds())
                .setNanos(time.getNano())
                .build();
    }
}
