package io.headgate.samples;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Ctrl-C and SIGTERM as something to wait for. A shutdown hook would not do: it runs when the exit code is decided, and the
 * end of a drain decides it.
 */
final class StopSignals {

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    private StopSignals() {}

    /** From now on these signals do not end the process. */
    @SuppressWarnings("sunapi")
    static StopSignals install() {
        StopSignals signals = new StopSignals();
        sun.misc.SignalHandler handler = signal -> signals.received.add(signal.getName());
        sun.misc.Signal.handle(new sun.misc.Signal("INT"), handler);
        sun.misc.Signal.handle(new sun.misc.Signal("TERM"), handler);
        return signals;
    }

    /** Returns with the next signal. */
    void await() throws InterruptedException {
        received.take();
    }
}
