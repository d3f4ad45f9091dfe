package io.headgate.test;

import io.netty.buffer.ByteBufAllocator;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;
import reactor.blockhound.BlockHound;

/**
 * Guards every test run that has this kit on its class path; JUnit finds it through the service loader.
 *
 * <p>Before the first test it installs BlockHound, if that is on the class path too, so that a blocking call on a thread
 * of Reactor or of a Netty event loop fails the call. Logging and printing stay allowed there. After the last test it
 * makes Netty's leak detector report buffers that were dropped without a release and that no later allocation would have
 * brought to light.
 *
 * <p>Nothing is done in a process that only asks which tests there are, as a build does that spreads them over processes.
 */
public final class TestSession implements LauncherSessionListener {

    /** A buffer dropped by the last test needs one collection; what a finalised object held needs the next. */
    private static final int COLLECTIONS = 3;

    private static final long REFERENCE_HANDLER_MILLIS = 500;

    /** Below the level "paranoid" Netty samples one allocation in 128 and reports at those only. */
    private static final int PROBES = 1024;

    private boolean started;
    private @Nullable Throwable failure;

    /** Called by JUnit. */
    public TestSession() {}

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        session.getLauncher().registerTestExecutionListeners(new TestExecutionListener() {
            @Override
            public void testPlanExecutionStarted(TestPlan plan) {
                start();
            }
        });
    }

    /** JUnit drops what a listener throws, so a failure waits for the end of the session. */
    private void start() {
        if (started) {
            return;
        }
        started = true;
        try {
            if (blockHoundPresent()) {
                Guard.install();
            }
        } catch (RuntimeException | LinkageError e) {
            failure = e;
        }
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        if (failure != null) {
            throw new IllegalStateException("BlockHound: no test was guarded", failure);
        }
        if (!started) {
            return;
        }
        for (int i = 0; i < COLLECTIONS; i++) {
            collect();
            for (int probe = 0; probe < PROBES; probe++) {
                ByteBufAllocator.DEFAULT.heapBuffer(16).release();
            }
        }
    }

    private static boolean blockHoundPresent() {
        try {
            Class.forName("reactor.blockhound.BlockHound", false, TestSession.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Returns when the collector has cleared and enqueued what was unreachable before the call. */
    private static void collect() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> canary = new WeakReference<>(new Object(), queue);
        System.gc();
        try {
            if (queue.remove(REFERENCE_HANDLER_MILLIS) == null) {
                canary.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Loaded only when BlockHound is there. */
    private static final class Guard {

        static void install() {
            BlockHound.install(builder -> builder
                    // An appender writes to a file or a console under a lock, and tests want the log of an event loop.
                    .allowBlockingCallsInside("ch.qos.logback.classic.Logger", "callAppenders")
                    .allowBlockingCallsInside("java.io.PrintStream", "write")
                    .allowBlockingCallsInside("java.io.PrintStream", "print")
                    .allowBlockingCallsInside("java.io.PrintStream", "println")
                    // Netty's allocator takes a lock for as long as it swaps an array, when it first meets contention.
                    .allowBlockingCallsInside(
                            "io.netty.buffer.AdaptivePoolingAllocator$MagazineGroup", "tryExpandMagazines")
                    // The kernel has random numbers at once; drivers of databases want some when they log in.
                    .allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully")
                    // An event loop of io_uring that ends spins until the last wake-up of another thread is through.
                    .allowBlockingCallsInside("io.netty.channel.uring.IoUringIoHandler", "closeWakeupGate"));
        }
    }
}
