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

/** Profiles as the wire spells them. A route or class that makes no sense is left out; the others count. */
final class WireProfiles {

    /** A limit beyond it limits nothing, and would overflow when counted in nanoseconds. */
    private static final java.time.Duration LONGEST = java.time.Duration.ofDays(365);

    private WireProfiles() {}

    // ---- from the wire

    static Profile decode(DestinationProfile wire, Skipped skipped) {
        List<ProfileRoute> routes = new ArrayList<>(wire.getRoutesCount());
        for (Route route : wire.getRoutesList()) {
            ProfileRoute decoded = decode(route, skipped);
            if (decoded != null) {
                routes.add(decoded);
            }
        }
        List<WeightedTarget> targets = new ArrayList<>(wire.getDstOverridesCount());
        for (WeightedDst target : wire.getDstOverridesList()) {
            if (isTarget(target)) {
                targets.add(new WeightedTarget(target.getAuthority(), Integer.toUnsignedLong(target.getWeight())));
            } else {
                skipped.add("target", target);
            }
        }
        String name = wire.getFullyQualifiedName();
        return new Profile(
                routes,
                wire.hasRetryBudget() ? decode(wire.getRetryBudget(), skipped) : null,
                targets,
                wire.getOpaqueProtocol(),
                name.isEmpty() ? null : name,
                wire.hasEndpoint() ? WireEndpoints.decode(wire.getEndpoint(), Map.of(), skipped) : null);
    }

    private static boolean isTarget(WeightedDst wire) {
        return wire.getWeight() != 0
                && !wire.getAuthority().isEmpty()
                && RequestSyntax.isAuthority(wire.getAuthority());
    }

    private static @Nullable ProfileRoute decode(Route wire, Skipped skipped) {
        try {
            return new ProfileRoute(
                    WireMatches.decode(wire.getCondition()),
                    classes(wire, skipped),
                    wire.getMetricsLabelsMap(),
                    wire.getIsRetryable(),
                    wire.hasTimeout() ? timeout(wire.getTimeout(), skipped) : null);
        } catch (InvalidMatch e) {
            skipped.add("route " + wire.getMetricsLabelsMap(), e.getMessage());
            return null;
        }
    }

    private static List<ResponseClass> classes(Route wire, Skipped skipped) {
        List<ResponseClass> classes = new ArrayList<>(wire.getResponseClassesCount());
        for (var wireClass : wire.getResponseClassesList()) {
            try {
                classes.add(new ResponseClass(WireMatches.decode(wireClass.getCondition()), wireClass.getIsFailure()));
            } catch (InvalidMatch e) {
                skipped.add("response class of route " + wire.getMetricsLabelsMap(), e.getMessage());
            }
        }
        return classes;
    }

    /** Zero and less say that there is none. */
    private static java.time.@Nullable Duration timeout(Duration wire, Skipped skipped) {
        java.time.Duration timeout = duration(wire);
        if (timeout.isNegative()) {
            skipped.add("timeout", wire);
        }
        return timeout.isNegative() || timeout.isZero() || timeout.equals(LONGEST) ? null : timeout;
    }

    private static java.time.Duration duration(Duration wire) {
        return Math.abs(wire.getSeconds()) >= LONGEST.toSeconds()
                ? wire.getSeconds() < 0 ? LONGEST.negated() : LONGEST
                : java.time.Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
    }

    private static @Nullable BudgetSettings decode(RetryBudget wire, Skipped skipped) {
        try {
            return new BudgetSettings(
                    ratio(wire.getRetryRatio()), wire.getMinRetriesPerSecond(), duration(wire.getTtl()));
        } catch (IllegalArgumentException e) {
            skipped.add("retry budget, so that nothing is retried", e.getMessage());
            return null;
        }
    }

    /** The shortest decimal, not the nearest double: 0.2 and not 0.20000000298. */
    private static double ratio(float wire) {
        return Double.parseDouble(Float.toString(wire));
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
