package io.headgate.metrics;

import io.headgate.mux.ConnectionObserver;
import io.headgate.resolve.Endpoint;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Measures connections. A connection takes the lock when it opens and when it closes, what passes on it does not. */
final class HttpConnections implements ConnectionObserver {

    private final HttpTargets targets;

    HttpConnections(HttpTargets targets) {
        this.targets = targets;
    }

    @Override
    public @Nullable Watch opened(@Nullable Endpoint upstream, boolean secure) {
        HttpTarget.Connections connections = new HttpTarget.Connections(upstream, secure);
        HttpConvention convention = targets.convention();
        if (convention.opened(connections).isEmpty()
                && convention.closed(connections, null).isEmpty()) {
            return null;
        }
        return new Open(connections);
    }

    /** What went wrong, in one of few words. */
    static @Nullable String errorOf(@Nullable Throwable cause) {
        if (cause == null) {
            return null;
        }
        String message = cause.getMessage() == null ? "" : cause.getMessage().toLowerCase(Locale.ROOT);
        if (!(cause instanceof IOException)) {
            return "unclassified";
        }
        if (message.contains("reset")) {
            return "ECONNRESET";
        }
        if (message.contains("broken pipe")) {
            return "EPIPE";
        }
        return message.contains("timed out") ? "ETIMEDOUT" : "unclassified";
    }

    /** One connection; holds its series as long as it is open. */
    private final class Open implements Watch {

        private final HttpTargets.Hold hold;
        private final HttpTarget.Connections connections;
        private final HttpRecorder opened;
        private final HttpRecorder read;
        private final HttpRecorder written;
        private final long began = targets.now();

        Open(HttpTarget.Connections wanted) {
            hold = targets.hold(this, wanted);
            connections = (HttpTarget.Connections) hold.series().target();
            HttpConvention convention = targets.convention();
            opened = hold.series().bind(() -> convention.opened(connections));
            read = hold.series().bind(() -> convention.read(connections));
            written = hold.series().bind(() -> convention.written(connections));
            opened.began();
        }

        @Override
        public void onRead(int bytes) {
            read.add(bytes);
        }

        @Override
        public void onWritten(int bytes) {
            written.add(bytes);
        }

        @Override
        public void onClose(@Nullable Throwable cause) {
            opened.left();
            hold.series()
                    .bind(() -> targets.convention().closed(connections, errorOf(cause)))
                    .ended(targets.now() - began, -1, -1, -1);
            hold.release();
        }
    }
}
