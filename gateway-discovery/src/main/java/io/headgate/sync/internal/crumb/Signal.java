package io.headgate.sync.internal.crumb;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;

/** Tells those who asked that there is something new. Who is told must be quick. */
final class Signal {

    private static final Logger LOG = LoggerFactory.getLogger(Signal.class);

    private volatile List<Runnable> listeners = List.of();

    Disposable add(Runnable listener) {
        Runnable own = listener::run; // the same listener may be there twice
        synchronized (this) {
            List<Runnable> more = new ArrayList<>(listeners);
            more.add(own);
            listeners = List.copyOf(more);
        }
        return () -> remove(own);
    }

    private synchronized void remove(Runnable own) {
        List<Runnable> fewer = new ArrayList<>(listeners);
        fewer.remove(own);
        listeners = List.copyOf(fewer);
    }

    void fire() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) { // an event loop that is gone, most likely: no reason to stop the set
                LOG.warn("A listener of a set has failed", e);
            }
        }
    }
}
