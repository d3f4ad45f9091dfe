package io.headgate.concurrency;

import io.headgate.http.ReplyHead;
import java.util.function.LongSupplier;

/**
 * A permit that measures how long the head of the reply takes. What comes after it goes at the pace of the client and
 * says nothing of the service. A failure says something only when it took long: a refused connection is quick, and no
 * sign that there is room.
 */
final class MeasuredPermit extends Permit {

    private static final int FIRST_ERROR = 500;

    private final Permits permits;
    private final AdaptiveLimit limit;
    private final LongSupplier clock;
    private final long started;
    private boolean answered;

    MeasuredPermit(Permits permits, AdaptiveLimit limit, LongSupplier clock) {
        super(permits);
        this.permits = permits;
        this.limit = limit;
        this.clock = clock;
        this.started = clock.getAsLong();
    }

    @Override
    public void onReply(ReplyHead head) {
        answered = true;
        measure(head.status() < FIRST_ERROR);
    }

    @Override
    public void onFailure(Throwable cause) {
        if (!answered) {
            measure(false);
        }
        super.onFailure(cause);
    }

    private void measure(boolean good) {
        long now = clock.getAsLong();
        if ((good || now - started > limit.baseline()) && limit.add(started, now, permits.taken())) {
            permits.limit(limit.limit());
        }
    }
}
