package io.headgate.route;

import io.headgate.Key;
import io.headgate.http.ExchangeNotes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a route matches, and what it is for. Immutable data: each {@code with} method returns a copy, and what is written
 * here is checked when a {@link RouteTable} is built, so that one bad route of a configuration can be told from the others.
 *
 * <pre>{@code
 * Route.of("user", "users-v2")
 *         .withHost("*.example.org")
 *         .withPath("/users/{id}")
 *         .withMethods("GET", "HEAD")
 *         .withCondition(Condition.header("x-canary", ValueMatch.present()));
 * }</pre>
 *
 * @param name for people, and unique in its table
 * @param value what the route is for
 * @param host {@code example.org}, {@code *.example.org} for all names below it, or {@code *}; with a port only that one
 * @param path which paths
 * @param methods which methods; empty for all
 * @param conditions what else must hold, all of it
 * @param share the share of what it matches, or null for all
 * @param <T> what routes are for
 */
public record Route<T>(
        String name,
        T value,
        String host,
        PathMatch path,
        Set<String> methods,
        List<Condition> conditions,
        @Nullable Share share) {

    /** The route that an exchange has taken: noted for those who observe it, see {@link ExchangeNotes}. */
    public static final Key<Route<?>> KEY = Key.of("route");

    /** The host of a route that is about all hosts. */
    public static final String ANY_HOST = "*";

    /** Copies the parts. */
    public Route {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(path, "path");
        methods = Set.copyOf(methods);
        conditions = List.copyOf(conditions);
    }

    /**
     * A route that matches everything.
     *
     * @param name for people
     * @param value what it is for
     * @param <T> what routes are for
     * @return the route
     */
    public static <T> Route<T> of(String name, T value) {
        return new Route<>(name, value, ANY_HOST, PathMatch.ANY, Set.of(), List.of(), null);
    }

    /**
     * A copy for a host.
     *
     * @param changed {@code example.org}, {@code *.example.org} or {@code *}, in any case. The port of a request does not
     *     matter unless one is given here; a request without one has that of its scheme
     * @return the copy
     */
    public Route<T> withHost(String changed) {
        return new Route<>(name, value, changed, path, methods, conditions, share);
    }

    /**
     * A copy for paths of a form.
     *
     * @param template as for {@link PathMatch#template}
     * @return the copy
     */
    public Route<T> withPath(String template) {
        return withPath(PathMatch.template(template));
    }

    /**
     * A copy for a path and all below it.
     *
     * @param template as for {@link PathMatch#prefix}
     * @return the copy
     */
    public Route<T> withPathPrefix(String template) {
        return withPath(PathMatch.prefix(template));
    }

    /**
     * A copy for other paths.
     *
     * @param changed which paths
     * @return the copy
     */
    public Route<T> withPath(PathMatch changed) {
        return new Route<>(name, value, host, changed, methods, conditions, share);
    }

    /**
     * A copy for some methods.
     *
     * @param changed which methods; case counts. None is all
     * @return the copy
     */
    public Route<T> withMethods(String... changed) {
        return new Route<>(name, value, host, path, Set.of(changed), conditions, share);
    }

    /**
     * A copy with one condition more.
     *
     * @param more must hold, too
     * @return the copy
     */
    public Route<T> withCondition(Condition more) {
        List<Condition> all = new ArrayList<>(conditions);
        all.add(Objects.requireNonNull(more, "more"));
        return new Route<>(name, value, host, path, methods, all, share);
    }

    /**
     * A copy that gets a share of what it matches; the others of its group, with the same host and path, get the rest.
     *
     * @param group the name of the group
     * @param weight the share relative to the others of the group, 0 for nothing
     * @return the copy
     */
    public Route<T> withShare(String group, int weight) {
        return new Route<>(name, value, host, path, methods, conditions, new Share(group, weight));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name).append(": ");
        if (!methods.isEmpty()) {
            text.append(String.join("|", new TreeSet<>(methods))).append(' ');
        }
        text.append(host).append(' ').append(path);
        conditions.forEach(condition -> text.append(", ").append(condition));
        if (share != null) {
            text.append(", ").append(share);
        }
        return text.append(" -> ").append(value).toString();
    }
}
