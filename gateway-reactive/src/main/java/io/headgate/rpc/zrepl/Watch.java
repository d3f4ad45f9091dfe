package io.headgate.rpc.zrepl;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/** The observer of a connection, held off from it: what it throws is logged, and nobody is called when nobody looks. */
final class Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final RpcObserver observer;
    private final RpcConnection connection;

    Watch(RpcObserver observer, RpcConnection connection) {
        this.observer = observer;
        this.connection = connection;
    }

    boolean isOff() {
        return observer == RpcObserver.NONE;
    }

    FrameLog frames(boolean inbound) {
        return (type, length) -> tell(to -> to.onFrame(connection, inbound, type.name(), 0, length));
    }

    void bytes(boolean inbound, ByteBuf bytes) {
        if (!isOff()) {
            tell(to -> to.onBytes(connection, inbound, bytes));
        }
    }

    void call(boolean inbound, String endpoint) {
        if (!isOff()) {
            tell(to -> to.onCall(connection, inbound, endpoint));
        }
    }

    void callEnd(boolean inbound, String endpoint, RpcStatus status, long nanos) {
        if (!isOff()) {
            tell(to -> to.onCallEnd(connection, inbound, endpoint, status, nanos));
        }
    }

    void phase(String layer, Phase phase, long nanos) {
        if (!isOff()) {
            tell(to -> to.onPhase(connection, layer, phase, nanos));
        }
    }

    void end(Ending ending) {
        if (!isOff()) {
            tell(to -> to.onEnd(connection, ending));
        }
    }

    void stall(String endpoint, long nanos) {
        if (!isOff()) {
            tell(to -> to.onStall(connection, 0, endpoint, nanos));
        }
    }

    private void tell(Consumer<RpcObserver> event) {
        try {
            event.accept(observer);
        } catch (RuntimeException | Error e) {
            Exceptions.throwIfJvmFatal(e);
            LOG.error("observer {} of {} failed", observer, connection, e);
        }
    }
}
