package io.headgate.rpc.wire;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.util.concurrent.Queues;

/**
 * What other threads have for the event loop of a connection: any number of tasks for one wake-up. When the event loop has ended,
 * who leaves a task runs it, one thread at a time: the connection is over then, and the task does for it what has to be done.
 */
final class Mailbox implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.rpc");

    private final Queue<Runnable> tasks =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Runnable before;
    private final Runnable after;
    private final Runnable ended;
    private volatile @Nullable EventLoop loop;

    /**
     * A mailbox without an event loop.
     *
     * @param before is run before each batch
     * @param after is run after each batch
     * @param ended is run before each batch that no event loop runs any more
     */
    Mailbox(Runnable before, Runnable after, Runnable ended) {
        this.before = before;
        this.after = after;
        this.ended = ended;
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

    /** Leaves a task for the event loop, from any thread. */
    void post(Runnable task) {
        tasks.offer(task);
        EventLoop executor = loop;
        if (waiting.getAndIncrement() > 0 || executor == null) {
            return;
        }
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            LOG.debug("event loop of a connection has ended", e);
            ended.run();
            run();
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
