package io.headgate.rpc.wire;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import org.jspecify.annotations.Nullable;

/**
 * The work of a connection comes in bursts: a read, a task of another thread, a look at the clock. Whoever has something to
 * send says so meanwhile, and at the end of the outermost burst all of it is sent at once. What is said outside of one gets
 * one of its own. For the event loop alone, but for the clock.
 */
final class Bursts {

    /** After this many rounds of settling, reads have their turn. */
    private static final int MOST_ROUNDS = 4;

    private final WireConnection connection;
    private final Runnable later = this::settleLater;
    private Ticker ticker = Ticker.systemTicker();
    private @Nullable EventExecutor loop;
    private int depth;
    private boolean touched;
    private boolean scheduled;
    private long now;

    Bursts(WireConnection connection) {
        this.connection = connection;
    }

    void attach(EventExecutor executor) {
        loop = executor;
        ticker = executor.ticker();
        now = clock();
    }

    /** The time; any thread. */
    long clock() {
        return ticker.nanoTime();
    }

    /** The time at the beginning of this burst. */
    long now() {
        return now;
    }

    void enter() {
        if (depth++ == 0) {
            now = clock();
        }
    }

    void leave() {
        if (depth == 1) {
            settle();
        }
        depth--;
    }

    void run(Runnable work) {
        enter();
        try {
            work.run();
        } finally {
            leave();
        }
    }

    /** Something was written, to be sent at the end of the burst. */
    void written() {
        if (depth == 0) {
            touch();
        }
    }

    /** Something is to be sent. */
    void touch() {
        touched = true;
        if (depth == 0) {
            soon();
        }
    }

    private void soon() {
        if (!scheduled && loop != null && connection.canSettle()) {
            scheduled = true;
            loop.execute(later);
        }
    }

    private void settleLater() {
        scheduled = false;
        enter();
        leave();
    }

    private void settle() {
        if (!connection.canSettle()) {
            return;
        }
        touched = true;
        for (int round = 0; touched && round < MOST_ROUNDS; round++) {
            touched = false;
            connection.settleOnce();
        }
        if (touched) {
            soon();
        }
        connection.throttle();
    }
}
