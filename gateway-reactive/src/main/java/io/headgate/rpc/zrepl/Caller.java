package io.headgate.rpc.zrepl;

import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The layer of calls of the initiator: one call at a time is on the wire, the others wait for their turn in order. */
final class Caller implements CallLayer {

    private final CallHost host;
    private final MessageWriter out;
    private final ArrayDeque<OutgoingCall> waiting = new ArrayDeque<>();
    private @Nullable OutgoingCall current;
    private @Nullable Ending ending;
    private long quietUntil = Long.MIN_VALUE;
    private boolean starting;
    private boolean draining;
    private boolean closing;

    Caller(CallHost host, MessageWriter out) {
        this.host = host;
        this.out = out;
    }

    CallHost host() {
        return host;
    }

    MessageWriter out() {
        return out;
    }

    static RpcException gone(String why) {
        return RpcException.of(RpcStatus.UNAVAILABLE, "connection: " + why);
    }

    // ---- calls come and go

    void submit(OutgoingCall call) {
        if (call.isCancelled()) {
            call.neverMind();
            return;
        }
        call.submitted(host.now());
        RpcException refusal = refusal(call);
        if (refusal != null) {
            call.refuse(refusal);
            return;
        }
        waiting.add(call);
        if (call.needsTime()) {
            host.needsTime();
        }
        startNext();
    }

    private @Nullable RpcException refusal(OutgoingCall call) {
        Content content = call.request().content();
        Content accept = call.request().accept();
        if (content == Content.PROTOBUF || accept == Content.PROTOBUF) {
            return RpcException.of(
                    RpcStatus.INVALID_ARGUMENT,
                    (content == Content.PROTOBUF ? "content" : "accept") + " of " + call.endpoint()
                            + ": PROTOBUF (expected: NONE, JSON or OCTETS; the wire of 2017 has no other)");
        }
        if (ending != null) {
            return RpcException.refused(RpcStatus.UNAVAILABLE, "connection: " + ending.detail());
        }
        if (draining) {
            return RpcException.refused(RpcStatus.UNAVAILABLE, "connection: closing (expected: open)");
        }
        if (call.request().deadline().isExpired()) {
            return RpcException.of(
                    RpcStatus.DEADLINE_EXCEEDED, call.endpoint() + ": deadline over before the call began");
        }
        int most = host.settings().maxStreams();
        return active() <= most // one of them is on the wire
                ? null
                : RpcException.refused(
                        RpcStatus.RESOURCE_EXHAUSTED,
                        "calls that wait: " + waiting.size() + " (expected: fewer than " + most + ")");
    }

    private void startNext() {
        if (starting) {
            return; // the outer call goes on
        }
        starting = true;
        while (current == null && ending == null && !waiting.isEmpty() && host.isOpen() && !isQuiet()) {
            current = waiting.remove();
            current.start(out);
        }
        starting = false;
        if (current == null && waiting.isEmpty() && draining) {
            host.settled();
        }
    }

    /**
     * A request with a body was refused. The original does not read the body of a call that it refuses, but takes it for the
     * header of another one and refuses that, too; by then it must not be the next call that waits for an answer. So nothing is
     * sent for a tick, in which a second refusal is dropped.
     */
    void refused() {
        quietUntil = host.now() + host.settings().tick().toNanos();
        host.needsTime();
    }

    private boolean isQuiet() {
        return quietUntil != Long.MIN_VALUE && host.now() - quietUntil < 0;
    }

    /** A call is off the wire. */
    void over(OutgoingCall call) {
        if (current == call) {
            current = null;
            startNext();
        }
    }

    /** A call that waits does not want to any more. */
    void remove(OutgoingCall call) {
        if (waiting.remove(call)) {
            Sources.discard(call.endpoint(), call.request().body());
            startNext();
        }
    }

    // ---- the messages of the acceptor

    @Override
    public boolean isReady() {
        return current == null || current.isReady();
    }

    @Override
    public void head(CallHeader header) {
        if (closing) {
            if (header.error() != CallHeader.OK || header.dataType() != CallHeader.CONTROL) {
                throw Violation.of("answer to Close: "
                        + HeaderWriter.text(header).strip() + " (expected: Error 1 and DataType 2)");
            }
            host.goodbye();
        } else if (current == null && isQuiet() && header.error() == CallHeader.REQUEST_ERROR) {
            quietUntil = Long.MIN_VALUE;
            startNext();
        } else if (current == null) {
            throw Violation.of("header of a reply: " + HeaderWriter.text(header).strip()
                    + " (expected: none, nothing was asked for)");
        } else {
            current.answer(header);
        }
    }

    @Override
    public void data(ByteBuf part) {
        if (current == null) {
            part.release();
        } else {
            current.data(part);
        }
    }

    @Override
    public void dataEnds() {
        if (current != null) {
            current.end();
        }
    }

    @Override
    public void reset() {
        host.peerReset();
    }

    // ---- the life of the layer

    @Override
    public void drain() {
        draining = true;
        startNext();
    }

    @Override
    public void cut() {
        Ending cut = Ending.of(Ending.Kind.ABORTED, "closed while calls were under way");
        List<OutgoingCall> late = List.copyOf(waiting);
        waiting.clear();
        late.forEach(call -> call.lost(cut));
        if (current != null) {
            host.fail(cut);
        } else {
            host.settled();
        }
    }

    @Override
    public void close() {
        closing = true;
        out.head(CallHeader.request(CallHeader.CLOSE, CallHeader.CONTROL, 0));
        host.flush();
    }

    @Override
    public void lost(Ending how) {
        ending = how;
        OutgoingCall cut = current;
        List<OutgoingCall> late = List.copyOf(waiting);
        waiting.clear();
        current = null;
        if (cut != null) {
            cut.lost(how);
        }
        late.forEach(call -> call.lost(how));
    }

    @Override
    public void tick(long now) {
        if (current != null) {
            current.tick(now);
        }
        List.copyOf(waiting).forEach(call -> call.tick(now)); // one that is late leaves the list
        startNext();
    }

    @Override
    public boolean needsTime() {
        return isQuiet()
                || (current != null && current.needsTime())
                || waiting.stream().anyMatch(OutgoingCall::needsTime);
    }

    @Override
    public void writable() {
        if (current == null) {
            startNext();
        } else {
            current.writable();
        }
    }

    @Override
    public boolean waitsForPeer() {
        return current != null && current.waitsForPeer();
    }

    @Override
    public int active() {
        return waiting.size() + (current == null ? 0 : 1);
    }

    @Override
    public String endpoint() {
        return current == null ? "" : current.endpoint();
    }
}
