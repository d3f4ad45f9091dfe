package io.headgate.rpc.local;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/** Tells the observer of one side, and lets nothing of what it throws come back. */
final class Watcher {

    private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);

    private final RpcConnection connection;
    private final RpcObserver observer;

    Watcher(RpcConnection connection, RpcObserver observer) {
        this.connection = connection;
        this.observer = observer;
    }

    boolean isNobody() {
        return observer == RpcObserver.NONE;
    }

    void onCall(boolean inbound, String endpoint) {
        if (isNobody()) {
            return;
        }
        try {
            observer.onCall(connection, inbound, endpoint);
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    void onCallEnd(boolean inbound, String endpoint, RpcStatus status, long nanos) {
        if (isNobody()) {
            return;
        }
        try {
            observer.onCallEnd(connection, inbound, endpoint, status, nanos);
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    void onPhase(RpcStats.Phase phase, long nanos) {
        try {
            observer.onPhase(connection, "calls", phase, nanos);
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    void onEnd(Ending ending) {
        try {
            observer.onEnd(connection, ending);
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private static void failed(Throwable thrown) {
        Exceptions.throwIfJvmFatal(thrown);
        LOG.warn("observer of an RPC connection failed", thrown);
    }
}
