package io.headgate.function.dispatch;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be said when no lock is held. Things are said one after the other in the order in which they were put in; a thread that
 * finds another one talking leaves its own to it, so that answers given at once do not pile up on the stack.
 */
final class Outbox {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Queue<Runnable> messages = new ConcurrentLinkedQueue<>();
    private final AtomicInteger missed = new AtomicInteger();

    void add(Runnable message) {
        messages.add(message);
    }

    void flush() {
        if (messages.isEmpty() || missed.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            Runnable message;
            while ((message = messages.poll()) != null) {
                say(message);
            }
            seen = missed.addAndGet(-seen);
        }
    }

    private static void say(Runnable message) {
        try {
            message.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A message of the dispatcher was not taken", e);
        }
    }
}
