package io.headgate.metrics;

import io.headgate.retry.FailedAttempt;
import io.headgate.retry.RetryListener;
import io.headgate.retry.Skipped;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Counts what became of attempts that failed; holds the series of its route as long as the retries have it. */
final class HttpRetries implements RetryListener {

    private static final Skipped[] REASONS = Skipped.values();

    private final HttpTargetSeries series;
    private final AtomicReferenceArray<@Nullable HttpRecorder> recorders =
            new AtomicReferenceArray<>(REASONS.length + 1); // the last for what is tried again

    HttpRetries(HttpTargets targets, HttpTarget.Calls route) {
        series = targets.hold(this, route).series();
    }

    @Override
    public void onRetry(FailedAttempt failed) {
        recorder(REASONS.length).add(1);
    }

    @Override
    public void onSkipped(FailedAttempt failed, Skipped why) {
        recorder(why.ordinal()).add(1);
    }

    private HttpRecorder recorder(int index) {
        series.touch();
        HttpRecorder known = recorders.get(index);
        return known == null ? bind(index) : known;
    }

    private HttpRecorder bind(int index) {
        Skipped why = index == REASONS.length ? null : REASONS[index];
        HttpTarget.Calls route = (HttpTarget.Calls) series.target();
        HttpRecorder bound = series.bind(() -> series.owner().convention().retries(route, why));
        recorders.set(index, bound);
        return bound;
    }
}
