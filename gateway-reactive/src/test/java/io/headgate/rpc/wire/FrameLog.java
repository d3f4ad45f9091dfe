package io.headgate.rpc.wire;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an observer was told, in short words. */
final class FrameLog implements RpcObserver {

    final List<String> frames = new ArrayList<>();
    final List<String> calls = new ArrayList<>();
    final List<String> phases = new ArrayList<>();
    final List<String> stalls = new ArrayList<>();
    final List<Ending> endings = new ArrayList<>();
    long bytesIn;
    long bytesOut;

    @Override
    public void onBytes(RpcConnection connection, boolean inbound, ByteBuf bytes) {
        if (inbound) {
            bytesIn += bytes.readableBytes();
        } else {
            bytesOut += bytes.readableBytes();
        }
    }

    @Override
    public void onFrame(RpcConnection connection, boolean inbound, String type, int stream, int length) {
        frames.add((inbound ? "< " : "> ") + type + " " + stream + " " + length);
    }

    @Override
    public void onCall(RpcConnection connection, boolean inbound, String endpoint) {
        calls.add((inbound ? "< " : "> ") + endpoint);
    }

    @Override
    public void onCallEnd(RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {
        calls.add((inbound ? "< " : "> ") + endpoint + " " + status);
    }

    @Override
    public void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {
        phases.add(layer + " " + phase);
    }

    @Override
    public void onEnd(RpcConnection connection, Ending ending) {
        endings.add(ending);
    }

    @Override
    public void onStall(RpcConnection connection, int stream, @Nullable String endpoint, long nanos) {
        stalls.add(stream + " " + endpoint);
    }
}
