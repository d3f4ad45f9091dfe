package io.headgate.sync.server;

import java.time.Duration;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** Asks clients to leave, one at a time and drawn by lot: while there are too many, and when the server shuts down. */
final class Shedding implements Disposable {

    private final Guests guests;
    private final Times times;
    private final SyncServerSettings settings;
    private final IntSupplier limit;
    private final Disposable.Swap pace = Disposables.swap();
    private @Nullable Long deadline; // of the shutdown; guarded by this

    Shedding(Guests guests, Times times, IntSupplier limit) {
        this.guests = guests;
        this.times = times;
        this.settings = guests.spec().settings();
        this.limit = limit;
    }

    /** While the server is open. */
    void begin() {
        pace.update(Mono.defer(() -> pause(Jitter.upToTenthMore(
                        settings.dropInterval(), guests.spec().random())))
                .doOnNext(tick -> {
                    int staying = guests.staying();
                    if (staying > limit.getAsInt()) {
                        drop(SyncEnd.SHED, "connections: " + staying + " (expected: at most " + limit.getAsInt() + ")");
                    }
                })
                .repeat()
                .subscribe());
    }

    private Mono<Long> pause(Duration time) {
        return Mono.delay(time, times.timer());
    }

    private void drop(SyncEnd why, String reason) {
        Guest chosen = guests.drawn();
        if (chosen != null) {
            chosen.leave(why, reason);
        }
    }

    /** Lets all go, the last one before the time is over. An earlier end that was asked for counts. */
    synchronized void shutDown(Duration timeout) {
        long until = times.nanos().getAsLong() + timeout.toNanos();
        if (deadline != null && until - deadline >= 0) {
            return;
        }
        deadline = until;
        Duration interval = ShutdownPace.interval(timeout, settings.maxShutdownInterval(), guests.staying());
        if (interval.isZero()) {
            pace.dispose();
            guests.closeAll();
            return;
        }
        pace.update(
                Mono.defer(() -> pause(Jitter.aboutThat(interval, guests.spec().random())))
                        .doOnNext(tick -> drop(SyncEnd.SHUTDOWN, "shutdown"))
                        .repeat(() -> guests.count() > 0)
                        .subscribe());
    }

    @Override
    public void dispose() {
        pace.dispose();
    }
}
