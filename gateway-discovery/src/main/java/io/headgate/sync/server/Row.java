package io.headgate.sync.server;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The clients of one event loop that are told of the same set. However many they are and however often it changes, there is at
 * most one task for all of them in the queue of the loop.
 */
final class Row extends Seats<Delivery> implements Runnable {

    private final EventLoop loop;
    private final AtomicBoolean called = new AtomicBoolean();
    private volatile boolean occupied;

    Row(EventLoop loop) {
        this.loop = loop;
    }

    boolean isOf(EventLoop other) {
        return loop == other;
    }

    /** From now on it is called; what was published before, it has to look for itself. */
    @Override
    void enter(Delivery guest) {
        super.enter(guest);
        occupied = true;
    }

    @Override
    void leave(Delivery guest) {
        super.leave(guest);
        occupied = !isEmpty();
    }

    /** There may be something new. Any thread. */
    void call() {
        if (occupied && called.compareAndSet(false, true)) {
            try {
                loop.execute(this);
            } catch (RejectedExecutionException e) {
                called.set(false); // the loop is shut down, and its channels are closed with it
            }
        }
    }

    @Override
    public void run() {
        called.set(false); // first, so that what is published meanwhile is not missed
        forEach(Delivery::pump);
    }
}
