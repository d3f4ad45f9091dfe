package io.headgate.rpc;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** What an event loop hands to the thread of a test. A blocking queue has a lock, on which the event loop could have to wait. */
public final class Arrivals<T> {

    private final Queue<T> arrived = new ConcurrentLinkedQueue<>();
    private final Semaphore waiting = new Semaphore(0);

    public void add(T one) {
        arrived.add(one);
        waiting.release();
    }

    /** The next one, which comes soon. */
    public T take() {
        try {
            if (!waiting.tryAcquire(20, TimeUnit.SECONDS)) {
                throw new AssertionError("nothing came within 20 s");
            }
            return arrived.remove();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next one, which is there. */
    public T peek() {
        return arrived.element();
    }
}
