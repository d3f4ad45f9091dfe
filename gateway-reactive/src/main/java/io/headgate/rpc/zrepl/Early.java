package io.headgate.rpc.zrepl;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was asked of a connection before its channel had an event loop. */
final class Early {

    private @Nullable List<Runnable> tasks = new ArrayList<>(); // guarded by this; null when it is not early any more

    synchronized boolean add(Runnable task) {
        if (tasks == null) {
            return false;
        }
        tasks.add(task);
        return true;
    }

    synchronized List<Runnable> open() {
        List<Runnable> waiting = tasks == null ? List.of() : tasks;
        tasks = null;
        return waiting;
    }
}
