package io.headgate.function.driver.process;

import io.headgate.function.driver.InstanceOutput;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Takes what a process prints, all the time, for a process whose pipe is full stands still. The pipes of the JDK can be read in no other
 * way than by a thread that blocks; as both streams are one pipe it is one thread per instance.
 */
final class OutputPump {

    private static final Logger LOG = LoggerFactory.getLogger(OutputPump.class);

    private static final int MOST_AT_ONCE = 8 * 1024;

    /** Outputs do not recurse, and there may be many instances. */
    private static final long STACK_BYTES = 256 * 1024;

    private final InputStream from;
    private final InstanceOutput to;
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private boolean complained;

    private OutputPump(InputStream from, InstanceOutput to) {
        this.from = from;
        this.to = to;
    }

    static OutputPump start(Process process, InstanceOutput to) {
        OutputPump pump = new OutputPump(process.getInputStream(), to);
        Thread thread = new Thread(null, pump::run, "headgate-fn-output-" + process.pid(), STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        return pump;
    }

    /** Completes when nobody holds the other end of the pipe any more, and all has been passed on. */
    Mono<Void> ended() {
        return ended.asMono();
    }

    private void run() {
        byte[] bytes = new byte[MOST_AT_ONCE];
        try {
            for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
                print(bytes, count);
            }
        } catch (IOException e) {
            LOG.debug("the output of a function cannot be read any more", e);
        }
        ended.tryEmitEmpty();
    }

    private void print(byte[] bytes, int count) {
        try {
            to.print(Unpooled.wrappedBuffer(bytes, 0, count));
        } catch (RuntimeException e) {
            if (!complained) {
                complained = true;
                LOG.warn("output of a function was not taken; more of it will be lost unsaid", e);
            }
        }
    }
}
