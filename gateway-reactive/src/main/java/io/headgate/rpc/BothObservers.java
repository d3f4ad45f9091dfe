package io.headgate.rpc;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Two observers as one: the second is told even when the first throws. */
record BothObservers(RpcObserver first, RpcObserver second) implements RpcObserver {

    BothObservers {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(second, "second");
    }

    @Override
    public void onBytes(RpcConnection connection, boolean inbound, ByteBuf bytes) {
        try {
            first.onBytes(connection, inbound, bytes);
        } finally {
            second.onBytes(connection, inbound, bytes);
        }
    }

    @Override
    public void onFrame(RpcConnection connection, boolean inbound, String type, int stream, int length) {
        try {
            first.onFrame(connection, inbound, type, stream, length);
        } finally {
            second.onFrame(connection, inbound, type, stream, length);
        }
    }

    @Override
    public void onCall(RpcConnection connection, boolean inbound, String endpoint) {
        try {
            first.onCall(connection, inbound, endpoint);
        } finally {
            second.onCall(connection, inbound, endpoint);
        }
    }

    @Override
    public void onCallEnd(RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {
        try {
            first.onCallEnd(connection, inbound, endpoint, status, nanos);
        } finally {
            second.onCallEnd(connection, inbound, endpoint, status, nanos);
        }
    }

    @Override
    public void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {
        try {
            first.onPhase(connection, layer, phase, nanos);
        } finally {
            second.onPhase(connection, layer, phase, nanos);
        }
    }

    @Override
    public void onEnd(RpcConnection connection, Ending ending) {
        try {
            first.onEnd(connection, ending);
        } finally {
            second.onEnd(connection, ending);
        }
    }

    @Override
    public void onStall(RpcConnection connection, int stream, @Nullable String endpoint, long nanos) {
        try {
            first.onStall(connection, stream, endpoint, nanos);
        } finally {
            second.onStall(connection, stream, endpoint, nanos);
        }
    }
}
