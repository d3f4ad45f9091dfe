package io.headgate.accesslog;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A daemon thread for one task at a time. To hand it one locks nothing, unlike the executors of Java. */
final class OwnThread implements Executor {

    private final AtomicReference<@Nullable Runnable> next = new AtomicReference<>();
    private final Thread thread = new Thread(this::work, "headgate-access-log");
    private volatile boolean over;

    private OwnThread() {}

    static OwnThread start() {
        OwnThread own = new OwnThread();
        own.thread.setDaemon(true);
        own.thread.start();
        return own;
    }

    @Override
    public void execute(Runnable task) {
        next.set(task);
        LockSupport.unpark(thread);
    }

    private void work() {
        while (!over) {
            Runnable task = next.getAndSet(null);
            if (task == null) {
                Thread.interrupted(); // or parking would be over at once, for ever
                LockSupport.park(this);
            } else {
                task.run();
            }
        }
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Called by the last task. */
    void end() {
        over = true;
    }
}
