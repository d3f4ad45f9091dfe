package io.headgate.resolve;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** One subscription to the source for all who want to know about a name. */
final class SharedResolver implements Resolver {

    private final Resolver source;
    private final Duration linger;
    private final @Nullable Scheduler timer;
    private final Hubs hubs = new Hubs(SharedName::new);

    SharedResolver(Resolver source, Duration linger, @Nullable Scheduler timer) {
        if (linger.isNegative()) {
            throw new IllegalArgumentException("linger: " + linger + " (expected: zero or more)");
        }
        this.source = Objects.requireNonNull(source, "source");
        this.linger = linger;
        this.timer = timer;
    }

    @Override
    public Flux<Update<Endpoint>> resolve(String name) {
        return hubs.updates(name);
    }

    @Override
    public String toString() {
        return source + " shared";
    }

    /** The subscription to the source. It asks for one update at a time: the source conflates what comes in between. */
    private final class SharedName extends BaseSubscriber<Update<Endpoint>> implements Hub.Drive {

        private final Hub hub;
        private boolean connected;
        private boolean expired;
        private @Nullable Disposable lingering;

        SharedName(Hub hub) {
            this.hub = hub;
        }

        @Override
        public void joined() {
            expired = false;
            stopLingering();
            if (!connected) {
                connected = true;
                Flux.defer(() -> source.resolve(hub.name())).subscribe(this);
            }
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(Update<Endpoint> update) {
            hub.run(() -> {
                hub.apply(update);
                request(1);
            });
        }

        @Override
        protected void hookOnError(Throwable refused) {
            hub.run(() -> hub.fail(refused));
        }

        @Override
        protected void hookOnComplete() {
            hookOnError(new LostStreamException(hub.name()));
        }

        @Override
        public boolean mayGo() {
            if (timer == null || linger.isZero() || !connected || expired) {
                return true;
            }
            if (lingering == null) {
                lingering = timer.schedule(() -> hub.run(this::expire), linger.toNanos(), TimeUnit.NANOSECONDS);
            }
            return false;
        }

        private void expire() {
            expired = lingering != null;
        }

        private void stopLingering() {
            if (lingering != null) {
                lingering.dispose();
                lingering = null;
            }
        }

        @Override
        public void gone() {
            stopLingering();
            cancel();
        }
    }
}
