package io.headgate.profile;

import io.headgate.resolve.Endpoint;
import io.headgate.retry.BudgetSettings;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a service says about it. Two profiles are equal when they say the same.
 *
 * @param routes its routes in order; the first that matches a request counts
 * @param retryBudget how many retries all its routes together may make; without it there are none
 * @param targets where its requests go instead of to the service itself, by weight; empty for the service itself
 * @param isOpaque whether its protocol is not HTTP, so that routes do not apply
 * @param name the fully qualified name of the service, or null when it is none
 * @param endpoint the one endpoint that was looked up, when it was one and no service: then nothing is split or balanced
 */
public record Profile(
        List<ProfileRoute> routes,
        @Nullable BudgetSettings retryBudget,
        List<WeightedTarget> targets,
        boolean isOpaque,
        @Nullable String name,
        @Nullable Endpoint endpoint) {

    /** Says nothing: every request takes the default route. */
    public static final Profile EMPTY = new Profile(List.of(), null, List.of(), false, null, null);

    /** Copies the lists. */
    public Profile {
        routes = List.copyOf(routes);
        targets = List.copyOf(targets);
    }

    /**
     * A profile of routes, and nothing else.
     *
     * @param routes in order
     * @return the profile
     */
    public static Profile of(ProfileRoute... routes) {
        return new Profile(List.of(routes), null, List.of(), false, null, null);
    }

    /**
     * A copy with a retry budget.
     *
     * @param changed the budget, or null for no retries
     * @return the copy
     */
    public Profile withRetryBudget(@Nullable BudgetSettings changed) {
        return new Profile(routes, changed, targets, isOpaque, name, endpoint);
    }

    /**
     * A copy whose requests go elsewhere.
     *
     * @param changed where to, by weight
     * @return the copy
     */
    public Profile withTargets(WeightedTarget... changed) {
        return new Profile(routes, retryBudget, List.of(changed), isOpaque, name, endpoint);
    }

    /**
     * A copy with another fully qualified name.
     *
     * @param changed the name
     * @return the copy
     */
    public Profile withName(String changed) {
        return new Profile(routes, retryBudget, targets, isOpaque, Objects.requireNonNull(changed, "name"), endpoint);
    }

    /**
     * A copy about another protocol, or about HTTP.
     *
     * @param changed whether its protocol is not HTTP
     * @return the copy
     */
    public Profile withOpaque(boolean changed) {
        return new Profile(routes, retryBudget, targets, changed, name, endpoint);
    }

    /**
     * A copy of one endpoint, or of a service.
     *
     * @param changed the endpoint, or null for a service
     * @return the copy
     */
    public Profile withEndpoint(@Nullable Endpoint changed) {
        return new Profile(routes, retryBudget, targets, isOpaque, name, changed);
    }
}
