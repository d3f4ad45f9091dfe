package io.headgate.function.driver.process;

import io.headgate.function.driver.InstanceOutput;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Takes what a process prints, all the time, for a process whose pipe is full stands still. The pipes of the JDK can be read in no other
 * way than by a thread that blocks; as both streams are one pipe it is one thread per instance.
 *
 * <p>Such a pipe does not say either how much of it has been read. Who wants to know has a mark written into it, at the end
 * that the process has, and waits until it comes out at this one.
 */
final class OutputPump implements MarkFilter.Passed {

    private static final Logger LOG = LoggerFactory.getLogger(OutputPump.class);

    private static final int MOST_AT_ONCE = 8 * 1024;

    /** Outputs do not recurse, and there may be many instances. */
    private static final long STACK_BYTES = 256 * 1024;

    private final InputStream from;
    private final InstanceOutput to;
    private final @Nullable FileChannel marks;
    private final MarkFilter filter = new MarkFilter();
    private final AtomicInteger underWay = new AtomicInteger(); // marks
    private final Queue<MonoSink<Void>> waiting = new ConcurrentLinkedQueue<>();
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private boolean complained;

    private OutputPump(InputStream from, InstanceOutput to, @Nullable FileChannel marks) {
        this.from = from;
        this.to = to;
        this.marks = marks;
    }

    /** For a process that has been started this moment: before it can have led its output elsewhere. */
    static OutputPump start(Process process, InstanceOutput to) {
        OutputPump pump = new OutputPump(process.getInputStream(), to, otherEnd(process));
        Thread thread = new Thread(null, pump::run, "headgate-fn-output-" + process.pid(), STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        return pump;
    }

    private static @Nullable FileChannel otherEnd(Process process) {
        Path output = Path.of("/proc", String.valueOf(process.pid()), "fd", "1");
        try {
            if (Files.readSymbolicLink(output).toString().startsWith("pipe:")) {
                return FileChannel.open(output, StandardOpenOption.WRITE);
            }
        } catch (IOException e) {
            LOG.debug("the pipe of process {} cannot be opened a second time", process.pid(), e); // it may have ended
        }
        return null;
    }

    /** The process is gone: what others still hold of the pipe counts now, and not this. */
    void processEnded() {
        if (marks != null) {
            try {
                marks.close();
            } catch (IOException e) {
                LOG.debug("cannot close a pipe", e);
            }
        }
    }

    /** Completes when nobody holds the other end of the pipe any more, and all has been passed on. */
    Mono<Void> ended() {
        return ended.asMono();
    }

    /** Completes when all that had been printed when this was subscribed has been passed on, on any thread. Does not fail. */
    Mono<Void> caughtUp() {
        return Mono.<Void>create(sink -> Schedulers.boundedElastic().schedule(() -> mark(sink)))
                .onErrorComplete(error -> {
                    LOG.warn("output may be taken for that of the next call", error);
                    return true;
                });
    }

    /** Blocks while the pipe is full, but this end of it is always read. */
    private void mark(MonoSink<Void> sink) {
        if (marks == null) {
            sink.success(); // nobody can tell
            return;
        }
        waiting.add(sink);
        underWay.incrementAndGet();
        try {
            marks.write(ByteBuffer.wrap(filter.mark()));
        } catch (IOException e) { // closed, as the process has ended
            underWay.decrementAndGet();
            ended().subscribe(nothing -> {}, sink::error, sink::success);
        }
    }

    private void run() {
        byte[] bytes = new byte[MOST_AT_ONCE];
        try {
            for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
                if (underWay.get() > 0 || filter.isMidMark()) {
                    filter.pass(bytes, count, this);
                } else {
                    print(bytes, 0, count);
                }
            }
            filter.flush(this);
        } catch (IOException e) {
            LOG.debug("the output of a function cannot be read any more", e);
        }
        ended.tryEmitEmpty();
        for (MonoSink<Void> sink = waiting.poll(); sink != null; sink = waiting.poll()) {
            sink.success();
        }
    }

    /** All marks are alike, and each serves all who waited before it was written; so the first of them has his by now. */
    @Override
    public void mark() {
        underWay.decrementAndGet();
        MonoSink<Void> sink = waiting.poll();
        if (sink != null) {
            sink.success();
        }
    }

    @Override
    public void print(byte[] bytes, int start, int end) {
        try {
            to.print(Unpooled.wrappedBuffer(bytes, start, end - start));
        } catch (RuntimeException e) {
            if (!complained) {
                complained = true;
                LOG.warn("output of a function was not taken; more of it will be lost unsaid", e);
            }
        }
    }
}
