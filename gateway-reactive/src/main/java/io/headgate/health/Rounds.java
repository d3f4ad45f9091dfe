package io.headgate.health;

import io.headgate.health.HealthBoard.Entry;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Asks the endpoints of one resolution, in turns. Not safe for threads: what comes from elsewhere is posted. */
final class Rounds implements HealthBoard.Roster {

    private final HealthChecks checks;
    private final Consumer<Runnable> post;
    private final BiConsumer<Entry, Health> found;
    private final Map<Entry, Round> rounds = new HashMap<>();
    private final Queue<Round> due = new ArrayDeque<>();
    private int underWay;

    /**
     * For one resolution.
     *
     * @param post runs what it is given later, one after another
     * @param found is told what was found
     */
    Rounds(HealthChecks checks, Consumer<Runnable> post, BiConsumer<Entry, Health> found) {
        this.checks = checks;
        this.post = post;
        this.found = found;
    }

    @Override
    public void joined(Entry entry) {
        Round round = new Round(entry, open(entry));
        rounds.put(entry, round);
        due.add(round);
    }

    private EndpointCheck open(Entry entry) {
        try {
            return checks.check().open(entry.endpoint());
        } catch (RuntimeException e) {
            return () -> Mono.error(e);
        }
    }

    @Override
    public void changed(Entry entry) {
        left(entry);
        joined(entry);
    }

    @Override
    public void left(Entry entry) {
        Round round = rounds.remove(entry);
        if (round != null) {
            round.stop();
        }
    }

    /** Begins checks whose time has come, as far as there is room. */
    void begin() {
        while (underWay < checks.timing().concurrency()) {
            Round round = due.poll();
            if (round == null) {
                return;
            }
            round.begin();
        }
    }

    void stop() {
        due.clear();
        rounds.values().forEach(Round::stop);
        rounds.clear();
    }

    /** The checks of one endpoint. */
    private final class Round {

        private final Entry entry;
        private final EndpointCheck check;
        private @Nullable Disposable timer;
        private @Nullable Disposable call;
        private boolean stopped;

        Round(Entry entry, EndpointCheck check) {
            this.entry = entry;
            this.check = check;
        }

        void begin() {
            if (stopped) {
                return;
            }
            timer = null;
            underWay++;
            call = Mono.defer(check::check)
                    .timeout(checks.timing().timeout(), checks.scheduler())
                    .defaultIfEmpty(Health.unhealthy("check: nothing (expected: a finding)"))
                    .subscribe(
                            health -> post.accept(() -> end(health)),
                            error -> post.accept(() -> end(unhealthy(error))));
        }

        private Health unhealthy(Throwable error) {
            return error instanceof TimeoutException
                    ? Health.unhealthy("check: no answer (expected: one within "
                            + checks.timing().timeout().toMillis() + " ms)")
                    : Health.unhealthy("check: " + error);
        }

        private void end(Health health) {
            if (stopped) {
                return;
            }
            call = null;
            underWay--;
            timer = checks.scheduler()
                    .schedule(() -> post.accept(() -> due.add(this)), checks.pause(), TimeUnit.NANOSECONDS);
            found.accept(entry, health);
        }

        void stop() {
            stopped = true;
            if (timer != null) {
                timer.dispose();
            }
            if (call != null) {
                call.dispose();
                underWay--;
            }
            check.close();
        }
    }
}
