package io.headgate.samples;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Ctrl-C and SIGTERM as something to wait for. A shutdown hook would not do: it runs when the exit code is decided, and the
 * end of a drain decides it.
 */
@SuppressWarnings("sunapi")
final class StopSignals implements AutoCloseable {

    private static final int CUT_EXIT_CODE = 130;

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final Map<sun.misc.Signal, sun.misc.SignalHandler> before = new LinkedHashMap<>();

    private StopSignals() {}

    /** From now on these signals do not end the process. */
    static StopSignals install() {
        StopSignals signals = new StopSignals();
        signals.take("INT");
        signals.take("TERM");
        return signals;
    }

    private void take(String name) {
        sun.misc.Signal signal = new sun.misc.Signal(name);
        before.put(signal, sun.misc.Signal.handle(signal, got -> received.add(got.getName())));
    }

    /** Runs something at the first signal; a second one ends the process at once, whatever it is stuck in. */
    void onFirst(Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        await();
                        work.run();
                        await();
                        Runtime.getRuntime().halt(CUT_EXIT_CODE);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "stop signals");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns with the next signal. */
    void await() throws InterruptedException {
        received.take();
    }

    /** From now on these signals do what they did before. */
    @Override
    public void close() {
        before.forEach(sun.misc.Signal::handle);
    }
}
