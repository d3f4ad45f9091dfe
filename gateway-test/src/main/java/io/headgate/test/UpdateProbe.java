package io.headgate.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointSet;
import io.headgate.resolve.EndpointSet.Presence;
import io.headgate.resolve.Update;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * Subscribes to a resolution, keeps what it is told, and replays it into an {@link EndpointSet}.
 *
 * <p><b>Threading.</b> Safe. What waits lets time pass and looks again, for ten seconds of real time at most.
 *
 * <p><b>Errors.</b> An {@link AssertionError} that says what was waited for and what was told. Updates that break the contract
 * are such errors, too: a first one that is not the whole state.
 */
public final class UpdateProbe {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(2);

    private final Recorder recorder;
    private final Runnable passTime;

    private UpdateProbe(Recorder recorder, Runnable passTime) {
        this.recorder = recorder;
        this.passTime = passTime;
    }

    /**
     * Subscribes.
     *
     * @param updates the resolution
     * @param demand how many updates to ask for
     * @param passTime lets time pass while something is waited for: advances a virtual clock, or does nothing
     * @return the probe
     */
    public static UpdateProbe on(Publisher<Update<Endpoint>> updates, long demand, Runnable passTime) {
        Recorder recorder = new Recorder(demand);
        updates.subscribe(recorder);
        return new UpdateProbe(recorder, passTime);
    }

    /**
     * Subscribes with unbounded demand; time passes by itself.
     *
     * @param updates the resolution
     * @return the probe
     */
    public static UpdateProbe on(Publisher<Update<Endpoint>> updates) {
        return on(updates, Long.MAX_VALUE, () -> {});
    }

    /**
     * Asks for more.
     *
     * @param count how many updates
     */
    public void request(long count) {
        recorder.request(count);
    }

    /** Cancels. */
    public void cancel() {
        recorder.cancel();
    }

    /**
     * What has been told.
     *
     * @return a copy
     */
    public List<Update<Endpoint>> updates() {
        synchronized (recorder) {
            return List.copyOf(recorder.updates);
        }
    }

    /**
     * What the resolution ended with.
     *
     * @return the error, or null when there is none
     */
    public @Nullable Throwable error() {
        synchronized (recorder) {
            return recorder.error;
        }
    }

    /** Checks that the resolution has not ended. */
    public void assertNotEnded() {
        synchronized (recorder) {
            assertThat(recorder.error).as("error of the resolution").isNull();
            assertThat(recorder.completed).as("resolution completed").isFalse();
            assertThat(recorder.broken).as("broken rule").isNull();
        }
    }

    /**
     * Checks the set.
     *
     * @param endpoints all that it should have, in any order
     */
    public void assertSet(Collection<Endpoint> endpoints) {
        synchronized (recorder) {
            assertThat(recorder.set.endpoints()).containsExactlyInAnyOrderElementsOf(endpoints);
        }
    }

    /**
     * Waits until the set is this one.
     *
     * @param endpoints all that it should have, in any order
     */
    public void awaitSet(Collection<Endpoint> endpoints) {
        await("set " + endpoints, () -> recorder.has(endpoints), passTime);
    }

    /**
     * Asks for one update after another until the set is this one.
     *
     * @param endpoints all that it should have, in any order
     */
    public void awaitSetOneByOne(Collection<Endpoint> endpoints) {
        int[] asked = {updates().size()};
        await(
                "set " + endpoints,
                () -> {
                    if (recorder.has(endpoints)) {
                        return true;
                    }
                    if (updates().size() >= asked[0]) {
                        asked[0]++;
                        request(1);
                    }
                    return recorder.has(endpoints);
                },
                passTime);
    }

    /** Waits until the name is told to be absent. */
    public void awaitAbsent() {
        await("absent", () -> recorder.presence() == Presence.ABSENT, passTime);
    }

    /**
     * Waits until the resolution fails.
     *
     * @return the error
     */
    public Throwable awaitError() {
        await("error", () -> error() != null, passTime);
        Throwable error = error();
        return error == null ? new AssertionError("error: gone") : error;
    }

    private void await(String what, BooleanSupplier condition, Runnable time) {
        try {
            awaitUntil(what, condition, time);
        } catch (AssertionError late) {
            throw new AssertionError(late.getMessage() + "; told: " + updates() + ", error: " + error(), late);
        }
    }

    static void awaitUntil(String what, BooleanSupplier condition, Runnable passTime) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > PATIENCE) {
                throw new AssertionError("waited in vain for: " + what);
            }
            passTime.run();
            LockSupport.parkNanos(LOOK_AGAIN);
        }
    }

    private static final class Recorder extends BaseSubscriber<Update<Endpoint>> {

        final List<Update<Endpoint>> updates = new ArrayList<>();
        final EndpointSet set = new EndpointSet();
        final long demand;

        @Nullable Throwable error;

        boolean completed;

        @Nullable String broken;

        Recorder(long demand) {
            this.demand = demand;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            if (demand > 0) {
                subscription.request(demand);
            }
        }

        @Override
        protected void hookOnNext(Update<Endpoint> update) {
            synchronized (this) {
                if (updates.isEmpty() && !(update instanceof Update.Reset || update instanceof Update.Absent)) {
                    broken = "first update: " + update + " (expected: Reset or Absent)";
                }
                updates.add(update);
                set.apply(update);
            }
        }

        @Override
        protected void hookOnError(Throwable failed) {
            synchronized (this) {
                error = failed;
            }
        }

        @Override
        protected void hookOnComplete() {
            synchronized (this) {
                completed = true;
            }
        }

        synchronized boolean has(Collection<Endpoint> endpoints) {
            return set.presence() == Presence.PRESENT
                    && set.size() == endpoints.size()
                    && new HashSet<>(set.endpoints()).equals(new HashSet<>(endpoints));
        }

        synchronized Presence presence() {
            return set.presence();
        }
    }
}
