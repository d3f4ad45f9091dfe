package io.headgate.rpc.internal;

import io.headgate.http.Body;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishers and subscribers that are not ours, and that throw where they may only signal, whatever Reactor lets through. A
 * connection that is letting go of one of them has others to look after.
 */
public final class Sources {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.rpc");

    private Sources() {}

    /**
     * Cancels a subscription; what it throws is logged.
     *
     * @param endpoint what was called
     * @param subscription is cancelled, if there is one
     */
    public static void cancel(String endpoint, @Nullable Subscription subscription) {
        if (subscription != null) {
            run(endpoint, "what was cancelled threw", subscription::cancel);
        }
    }

    /**
     * Discards a body; what it throws is logged.
     *
     * @param endpoint what was called
     * @param body is discarded
     */
    public static void discard(String endpoint, Body body) {
        run(endpoint, "what was discarded threw", body::discard);
    }

    /**
     * Tells a subscriber something that it cannot answer; what it throws is logged.
     *
     * @param endpoint what was called
     * @param signal tells it
     */
    public static void tell(String endpoint, Runnable signal) {
        run(endpoint, "who was told threw", signal);
    }

    /**
     * Logs what nobody can be told any more.
     *
     * @param endpoint what was called
     * @param thrown was thrown by who had said before that it had ended, or had been told to end
     */
    public static void late(String endpoint, Throwable thrown) {
        LOG.error("{}: threw after its end", endpoint, thrown);
    }

    /**
     * Logs what a consumer threw, whose call nobody waits for any more.
     *
     * @param endpoint what was called
     * @param thrown was thrown
     */
    public static void consumerThrew(String endpoint, Throwable thrown) {
        LOG.error("{}: its consumer threw", endpoint, thrown);
    }

    /**
     * Throws what has no place in a signature.
     *
     * @param thrown is not checked, as it came through signatures that have none either
     */
    public static void rethrow(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        throw new IllegalStateException(thrown);
    }

    private static void run(String endpoint, String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable e) { // of somebody else; who is called here has others to look after
            LOG.error("{}: {}", endpoint, what, e);
        }
    }
}
