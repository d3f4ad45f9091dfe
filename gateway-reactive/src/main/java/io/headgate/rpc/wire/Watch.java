package io.headgate.rpc.wire;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/** An observer that cannot harm its connection, and costs one comparison where nobody looks. */
final class Watch {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.rpc");

    private final RpcConnection connection;
    private final RpcObserver observer;

    Watch(RpcConnection connection, RpcObserver observer) {
        this.connection = connection;
        this.observer = observer;
    }

    boolean isOn() {
        return observer != RpcObserver.NONE;
    }

    void bytes(boolean inbound, ByteBuf bytes) {
        guard(() -> observer.onBytes(connection, inbound, bytes));
    }

    void frame(boolean inbound, int type, int stream, int length) {
        guard(() -> observer.onFrame(connection, inbound, FrameType.name(type), stream, length));
    }

    void call(boolean inbound, String endpoint) {
        guard(() -> observer.onCall(connection, inbound, endpoint));
    }

    void callEnd(boolean inbound, String endpoint, RpcStatus status, long nanos) {
        guard(() -> observer.onCallEnd(connection, inbound, endpoint, status, nanos));
    }

    void phase(String layer, Phase phase, long nanos) {
        guard(() -> observer.onPhase(connection, layer, phase, nanos));
    }

    void end(Ending ending) {
        guard(() -> observer.onEnd(connection, ending));
    }

    void stall(int stream, @Nullable String endpoint, long nanos) {
        guard(() -> observer.onStall(connection, stream, endpoint, nanos));
    }

    private void guard(Runnable event) {
        if (!isOn()) {
            return;
        }
        try {
            event.run();
        } catch (RuntimeException | Error e) {
            Exceptions.throwIfJvmFatal(e);
            LOG.error("observer of {} failed", connection, e);
        }
    }
}
