package io.headgate.rpc.internal;

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
public final class Mailbox implements Runnable {

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
    public Mailbox(Runnable before, Runnable after, Runnable ended) {
        this.before = before;
        this.after = after;
        this.ended = ended;
    }

    /**
     * Where tasks run from now on; those that wait already are run before this returns.
     *
     * @param executor the event loop, on which this is called
     */
    public void attach(EventLoop executor) {
        loop = executor;
        run();
    }

    /**
     * Whether this is called on the event loop.
     *
     * @return false also when there is none yet
     */
    public boolean inLoop() {
        EventLoop executor = loop;
        return executor != null && executor.inEventLoop();
    }

    /**
     * Leaves a task for the event loop, from any thread.
     *
     * @param task is run in any case, after those that were left before
     */
    public void post(Runnable task) {
        tasks.offer(task);
        if (waiting.getAndIncrement() > 0) {
            return;
        }
        EventLoop executor = loop; // read after the count: who attaches looks at them in the other order
        if (executor == null) {
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
        } catch (Throwable e) { // one that got through would leave the others here for ever
            LOG.error("task of a connection failed", e);
        }
    }
}
