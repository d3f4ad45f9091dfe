package io.headgate.resolve;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.util.concurrent.Queues;

/**
 * One name: its set, and who is told of it. All work runs one after another, on the thread of whoever finds the hub at rest; an update
 * is worked out once, and costs each subscriber what it changes.
 */
final class Hub {

    /** What keeps a hub going. Called within the work of the hub only. */
    interface Drive {

        /** There is one subscriber more. */
        void joined();

        /** Nobody is subscribed and nothing is left to do: tells whether the hub may be forgotten. */
        boolean mayGo();

        /** The hub has been forgotten. */
        void gone();
    }

    private final Hubs hubs;
    private final String name;
    private final Drive drive;
    private final Queue<Runnable> work =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final AtomicInteger waiting = new AtomicInteger();

    private final EndpointSet set = new EndpointSet();
    private final Set<HubSubscription> subscribers = new LinkedHashSet<>(4);
    private @Nullable Throwable failure;
    private boolean forgotten;

    Hub(Hubs hubs, String name) {
        this.hubs = hubs;
        this.name = name;
        this.drive = hubs.drive(this);
    }

    String name() {
        return name;
    }

    EndpointSet set() {
        return set;
    }

    /** Puts work in that somebody will {@link #drain}. */
    void offer(Runnable task) {
        work.offer(task);
    }

    void run(Runnable task) {
        work.offer(task);
        drain();
    }

    void drain() {
        if (waiting.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        do {
            for (Runnable task = work.poll(); task != null; task = work.poll()) {
                task.run();
            }
            goIfIdle();
            missed = waiting.addAndGet(-missed);
        } while (missed != 0);
    }

    private void goIfIdle() {
        if (subscribers.isEmpty() && !forgotten && drive.mayGo() && hubs.forget(this)) {
            forgotten = true;
            drive.gone();
        }
    }

    /** Whether work has come that is not done yet. */
    boolean isBusy() {
        return !work.isEmpty();
    }

    void join(HubSubscription subscriber) {
        subscriber.attach(this);
        if (failure != null) {
            subscriber.fail(failure);
        } else if (!subscriber.isCancelled()) {
            subscribers.add(subscriber);
            drive.joined();
            subscriber.tell(set);
        }
    }

    void leave(HubSubscription subscriber) {
        subscribers.remove(subscriber);
    }

    void apply(Update<Endpoint> update) {
        Delta delta = Delta.of(set, update);
        if (delta == null) {
            return;
        }
        List<Update<Endpoint>> news = delta.news(update, set);
        for (HubSubscription subscriber : subscribers) {
            subscriber.tell(delta, news, set);
        }
    }

    /** Ends the hub for good: its source has refused the name. */
    void fail(Throwable error) {
        failure = error;
        forgotten = true;
        hubs.remove(this);
        drive.gone();
        List<HubSubscription> failed = new ArrayList<>(subscribers);
        subscribers.clear();
        failed.forEach(subscriber -> subscriber.fail(error));
    }
}
