package io.headgate.samples.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Hears what Netty's leak detector says while a test runs. */
final class LeakWatch implements AutoCloseable {

    /** A dropped buffer needs one collection; what a finalised object held needs the next. */
    private static final int COLLECTIONS = 2;

    private static final long REFERENCE_HANDLER_MILLIS = 500;

    /** The detector samples one allocation in 128 below the level "paranoid", and reports when it samples. */
    private static final int PROBES = 1024;

    private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
    private final ListAppender<ILoggingEvent> reports = new ListAppender<>();

    LeakWatch() {
        reports.start();
        logger.addAppender(reports);
    }

    void assertNoLeak() throws InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            collect();
            for (int probe = 0; probe < PROBES; probe++) {
                ByteBufAllocator.DEFAULT.heapBuffer(16).release();
            }
        }
        assertThat(List.copyOf(reports.list)).as("reports of leaks").isEmpty();
    }

    /** Returns when the collector has enqueued what was unreachable before the call. */
    private static void collect() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> canary = new WeakReference<>(new Object(), queue);
        System.gc();
        assertThat(queue.remove(REFERENCE_HANDLER_MILLIS)).isSameAs(canary);
    }

    @Override
    public void close() {
        logger.detachAppender(reports);
    }
}
