package io.headgate.rpc.wire;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.util.concurrent.Queues;

/** What other threads have for the event loop of a connection: any number of tasks for one wake-up. */
final class Mailbox implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.rpc");

    private final Queue<Runnable> tasks =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Runnable before;
    private final Runnable after;
    private volatile @Nullable EventLoop loop;

    /** The actions are run around each batch. */
    Mailbox(Runnable before, Runnable after) {
        this.before = before;
        this.after = after;
    }

    /** Where tasks run from now on; those that wait already are run before this returns. */
    void attach(EventLoop executor) {
        loop = executor;
        run();
    }

    boolean inLoop() {
        EventLoop executor = loop;
        return executor != null && executor.inEventLoop();
    }

    /**
     * Leaves a task for the event loop, from any thread.
     *
     * @return false when the event loop has ended, and everything with it
     */
    boolean post(Runnable task) {
        tasks.offer(task);
        if (waiting.getAndIncrement() > 0) {
            return true;
        }
        EventLoop executor = loop;
        if (executor == null) {
            return true;
        }
        try {
            executor.execute(this);
            return true;
        } catch (RejectedExecutionException e) {
            tasks.clear();
            waiting.set(0);
            return false;
        }
    }

    @Override
    public void run() {
        int seen = waiting.get();
        if (seen == 0) {
            return;
        }
        before.run();
        try {
            while (seen > 0) {
                for (int i = 0; i < seen; i++) {
                    runNext();
                }
                seen = waiting.addAndGet(-seen);
            }
        } finally {
            after.run();
        }
    }

    private void runNext() {
        Runnable task = tasks.poll();
        if (task == null) {
            return;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("task of a connection failed", e);
        }
    }
}
