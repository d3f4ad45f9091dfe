package io.headgate.route;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why an exchange went the way it went: for each route, in the order of precedence, whether it matches and why.
 *
 * @param chosen the route that was found, or null
 * @param verdicts one for each route of the table
 * @param <T> what routes are for
 */
public record Explanation<T>(@Nullable Route<T> chosen, List<Verdict<T>> verdicts) {

    /** Copies the list. */
    public Explanation {
        verdicts = List.copyOf(verdicts);
    }

    /**
     * What became of one route.
     *
     * @param route the route
     * @param matches whether it matches the exchange
     * @param reason the first thing that does not fit, or what became of the match
     * @param <T> what routes are for
     */
    public record Verdict<T>(Route<T> route, boolean matches, String reason) {

        @Override
        public String toString() {
            return (matches ? "+ " : "- ") + route.name() + ": " + reason;
        }
    }

    @Override
    public String toString() {
        return verdicts.stream().map(Verdict::toString).collect(Collectors.joining("\n"));
    }
}
