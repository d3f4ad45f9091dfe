package io.headgate.samples;

import static io.headgate.profile.RequestMatch.all;
import static io.headgate.profile.RequestMatch.method;
import static io.headgate.profile.RequestMatch.path;

import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileSource;
import io.headgate.profile.WeightedTarget;
import io.headgate.retry.BudgetSettings;
import java.time.Duration;
import reactor.core.publisher.Sinks;

/** What the owner of the books says about them, which they may change at any time. */
final class BooksProfile {

    /** The label that the table goes by. */
    static final String LABEL = "route";

    /** A retry for ten requests and one each second. */
    static final BudgetSettings SMALL_BUDGET = new BudgetSettings(0.1, 1, Duration.ofSeconds(10));

    private static final Duration TIMEOUT = Duration.ofMillis(100);

    private final Sinks.Many<Profile> profiles = Sinks.many().replay().latest();

    /** A source that says this of every name. */
    ProfileSource source() {
        return name -> profiles.asFlux();
    }

    /** The same routes with another split. */
    void split(long first, long second) {
        emit(first, second, BudgetSettings.DEFAULTS);
    }

    /** The same routes, split evenly, with fewer retries. */
    void saveRetries() {
        emit(1, 1, SMALL_BUDGET);
    }

    private void emit(long first, long second, BudgetSettings budget) {
        Profile books = Profile.of(
                        route("read book", "GET", "/books/[^/]+").withRetryable(true),
                        route("edit book", "PUT", "/books/[^/]+").withRetryable(true),
                        route("author", "GET", "/authors/.*").withTimeout(TIMEOUT),
                        route("review", "POST", "/reviews").withRetryable(true))
                .withRetryBudget(budget)
                .withTargets(
                        new WeightedTarget(BooksUpstreams.V1, first), new WeightedTarget(BooksUpstreams.V2, second));
        profiles.emitNext(books, Sinks.EmitFailureHandler.FAIL_FAST);
    }

    private static ProfileRoute route(String label, String method, String path) {
        return ProfileRoute.of(all(method(method), path(path))).withLabel(LABEL, label);
    }
}
