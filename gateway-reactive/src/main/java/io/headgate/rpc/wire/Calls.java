package io.headgate.rpc.wire;

import io.headgate.Service.Status;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The calls of a connection, both ways: which there are, and whether one more may be. */
final class Calls {

    private final WireConnection connection;
    private final RpcSettings settings;
    private final IntObjectHashMap<WireStream> table = new IntObjectHashMap<>(8);
    private final ArrayDeque<OutgoingCall> early = new ArrayDeque<>(0); // made before the handshake had ended
    private final int parity;
    private @Nullable IncomingCall fresh; // its HEADER has come, its body may be the next frame
    private int nextId;
    private int lastPeerId;
    private int partial;
    private int timed;
    private boolean refusing; // this side has said that it takes no more
    private @Nullable String closedBecause;
    private volatile Status status = Status.BUSY;
    private volatile int outgoing;
    private volatile int incoming;

    Calls(WireConnection connection, Side side, RpcSettings settings) {
        this.connection = connection;
        this.settings = settings;
        this.nextId = side == Side.INITIATOR ? 1 : 2;
        this.parity = nextId & 1;
    }

    static RpcException gone(String endpoint, String why) {
        return RpcException.refused(RpcStatus.UNAVAILABLE, endpoint + ": connection closed: " + why);
    }

    Status status() {
        return status;
    }

    int outgoing() {
        return outgoing;
    }

    int incoming() {
        return incoming;
    }

    int lastPeerId() {
        return lastPeerId;
    }

    boolean isEmpty() {
        return table.isEmpty();
    }

    /** Whether somebody must look at the time. */
    boolean needsTicks() {
        return timed > 0 || !settings.progress().isZero() && !table.isEmpty() || !early.isEmpty();
    }

    /** For tests: as if all ids below had been used. */
    void skipTo(int id) {
        nextId = id;
    }

    private boolean isOwn(int id) {
        return (id & 1) == parity;
    }

    // ---- calls of this side

    void start(OutgoingCall call) {
        if (closedBecause != null) {
            call.refuse(gone(call.endpoint(), closedBecause));
        } else if (connection.isOpen()) {
            admit(call);
        } else {
            early.add(call);
            connection.liveness().wantTicks();
        }
    }

    /** The handshake has ended. */
    void open() {
        if (closedBecause == null) {
            status = Status.OPEN;
            for (OutgoingCall call = early.poll(); call != null; call = early.poll()) {
                start(call);
            }
        }
    }

    /** Calls that wait for the handshake do not wait beyond their deadlines. */
    void expireEarly() {
        for (int i = early.size(); i > 0; i--) {
            OutgoingCall call = early.remove();
            if (call.request().deadline().isExpired()) {
                call.refuse(expired(call.endpoint()));
            } else {
                early.add(call);
            }
        }
    }

    private static RpcException expired(String endpoint) {
        return RpcException.of(RpcStatus.DEADLINE_EXCEEDED, endpoint + ": its deadline has passed before it began");
    }

    private void admit(OutgoingCall call) {
        RpcRequest request = call.request();
        Hello peer = connection.peer();
        int size = Frames.callSize(request);
        long left = request.deadline().remainingNanos();
        RpcException refusal = null;
        if (outgoing >= peer.maxStreams()) {
            refusal = RpcException.refused(
                    RpcStatus.RESOURCE_EXHAUSTED,
                    request.endpoint() + ", calls in flight: " + outgoing + " (expected: less than " + peer.maxStreams()
                            + ", which the other side takes)");
        } else if (left <= 0) {
            refusal = expired(request.endpoint());
        } else if (size > peer.maxHeader() || ByteBufUtil.utf8Bytes(request.endpoint()) > RpcRequest.MAX_ENDPOINT) {
            refusal = RpcException.of(
                    RpcStatus.INVALID_ARGUMENT,
                    request.endpoint() + ", name and metadata: " + size + " bytes (expected: at most "
                            + peer.maxHeader() + ", and a name of at most " + RpcRequest.MAX_ENDPOINT + ")");
        }
        if (refusal != null) {
            call.refuse(refusal);
            return;
        }
        add(call, nextId, left);
        call.open(nextId, left, size);
        nextId += 2;
        if (nextId < 0) {
            connection.drain("stream ids are used up");
        }
    }

    /** A call that waits for the handshake is given up. */
    void forget(OutgoingCall call) {
        if (early.remove(call)) {
            call.request().body().discard();
        }
    }

    // ---- calls of the other side

    void onCall(int flags, int id, ByteBuf payload) {
        if (id <= lastPeerId) {
            throw new WireViolation("stream id of HEADER: " + id + " (expected: more than " + lastPeerId + ")");
        }
        if (refusing) {
            return; // it has been told so, and will know when it reads it
        }
        lastPeerId = id;
        Frames.Call head = Frames.readCall(payload);
        if (incoming >= settings.maxStreams()) {
            connection
                    .writer()
                    .error(
                            id,
                            RpcException.refused(
                                    RpcStatus.RESOURCE_EXHAUSTED,
                                    head.endpoint() + ", calls in flight: " + incoming + " (expected: less than "
                                            + settings.maxStreams() + ")"));
            return;
        }
        IncomingCall call = new IncomingCall(connection, id, head);
        add(call, id, head.microsLeft() == 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(head.microsLeft()));
        if ((flags & FrameType.END) != 0) {
            call.start(true);
        } else {
            fresh = call;
        }
    }

    /** The body of a call that has just come is not the next frame, or is it whole. */
    boolean startFresh(int type, int flags, int id, ByteBuf payload) {
        IncomingCall call = fresh;
        if (call == null) {
            return false;
        }
        fresh = null;
        if (type == FrameType.DATA
                && id == call.id
                && (flags & (FrameType.END | FrameType.MORE)) == FrameType.END
                && payload.readableBytes() <= settings.maxElement()
                && payload.readableBytes() <= settings.streamWindow()) {
            call.startUnary(flags, payload);
            return true;
        }
        call.start(false);
        return false;
    }

    /** No more frames come for now. */
    void startFresh() {
        IncomingCall call = fresh;
        fresh = null;
        if (call != null && !call.isOver()) {
            call.start(false);
        }
    }

    // ---- both

    private void add(WireStream call, int id, long left) {
        long now = connection.now();
        call.moved = now;
        call.began = connection.watch().isOn() ? connection.clock() : 0;
        if (left != Long.MAX_VALUE) {
            call.due = connection.clock() + Math.min(left, Long.MAX_VALUE / 4);
            timed++;
        }
        table.put(id, call);
        if (call.isIncoming()) {
            incoming++;
        } else {
            outgoing++;
            if (outgoing >= connection.peer().maxStreams() && status == Status.OPEN) {
                status = Status.BUSY;
            }
        }
        if (connection.watch().isOn()) {
            connection.watch().call(call.isIncoming(), call.endpoint());
        }
        if (needsTicks()) {
            connection.liveness().wantTicks();
        }
    }

    void ended(WireStream call, RpcStatus how) {
        table.remove(call.id);
        if (call == fresh) {
            fresh = null;
        }
        if (call.due != Long.MAX_VALUE) {
            timed--;
        }
        if (call.isIncoming()) {
            incoming--;
        } else {
            outgoing--;
            if (status == Status.BUSY && closedBecause == null && connection.isOpen()) {
                status = Status.OPEN;
            }
        }
        if (connection.watch().isOn()) {
            connection.watch().callEnd(call.isIncoming(), call.endpoint(), how, connection.clock() - call.began);
        }
        if (table.isEmpty()) {
            connection.lifecycle().callsEnded();
        }
    }

    /**
     * The stream of a frame.
     *
     * @return the stream, or null when it has ended on this side and the other one does not know yet
     */
    @Nullable WireStream find(int id, int type) {
        WireStream call = table.get(id);
        if (call == null && (isOwn(id) ? id >= nextId : id > lastPeerId && !refusing)) {
            throw new WireViolation(
                    "stream id of " + FrameType.name(type) + ": " + id + " (expected: one of a call that has begun)");
        }
        return call;
    }

    /** Whether the body that a call receives is taken as it comes. */
    boolean flows(int id) {
        WireStream call = table.get(id);
        return call != null && call.inbound != null && call.inbound.flows();
    }

    void onHeader(int flags, int id, ByteBuf payload) {
        if (!isOwn(id)) {
            onCall(flags, id, payload);
            return;
        }
        WireStream call = find(id, FrameType.HEADER);
        if (call != null) {
            call.onHeader(flags, payload);
        }
    }

    /** An element that comes in several frames has begun; its stream holds all of it until it is whole. */
    void beginPartial(WireStream call) {
        int most = connection.own().maxPartial();
        if (partial >= most) {
            throw new WireViolation("elements in several frames at one time, with that of stream " + call.id + ": "
                    + (partial + 1) + " (expected: at most " + most + ")");
        }
        partial++;
    }

    void endPartial() {
        partial--;
    }

    // ---- the end

    /** No more calls either way: those of the other side are ignored, those of this side refused. */
    void refuse(String why) {
        refusing = true;
        closeForOwn(why);
    }

    /** No more calls of this side. */
    void closeForOwn(String why) {
        if (closedBecause == null) {
            closedBecause = why;
            status = Status.CLOSED;
            for (OutgoingCall call = early.poll(); call != null; call = early.poll()) {
                call.refuse(gone(call.endpoint(), why));
            }
        }
    }

    /** The other side has not accepted calls beyond one of them. */
    void notAccepted(int last, String why) {
        for (WireStream call : all()) {
            if (!call.isIncoming() && call.id > last) {
                call.cut(gone(call.endpoint(), "the other side takes no more calls: " + why), false);
            }
        }
    }

    /** Ends all that is left. */
    void cutAll(RpcException reason, boolean tell) {
        for (WireStream call : all()) {
            call.cut(reason, tell);
        }
    }

    /** A copy, because ending a call changes the table. */
    WireStream[] all() {
        WireStream[] all = new WireStream[table.size()];
        int i = 0;
        for (WireStream call : table.values()) {
            all[i++] = Objects.requireNonNull(call);
        }
        return all;
    }
}
