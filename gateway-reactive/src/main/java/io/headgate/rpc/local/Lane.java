package io.headgate.rpc.local;

import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBufUtil;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The calls that go one way: what is admitted, what is under way. */
final class Lane {

    /** What a field takes on a wire besides its text. */
    private static final int FIELD_OVERHEAD = 4;

    private final Link link;
    private final LocalConnection caller;
    private final LocalConnection callee;
    private final int maxStreams;
    private final int maxHeader;
    private final Set<LocalCall> calls = ConcurrentHashMap.newKeySet();
    private final AtomicInteger size = new AtomicInteger();

    Lane(Link link, LocalConnection caller, LocalConnection callee) {
        this.link = link;
        this.caller = caller;
        this.callee = callee;
        RpcSettings sending = caller.spec().settings();
        RpcSettings accepting = callee.spec().settings();
        this.maxStreams = accepting.maxStreams();
        this.maxHeader = Math.min(sending.maxHeader(), accepting.maxHeader());
    }

    LocalConnection caller() {
        return caller;
    }

    LocalConnection callee() {
        return callee;
    }

    Link link() {
        return link;
    }

    int size() {
        return size.get();
    }

    boolean isFull() {
        return size.get() >= maxStreams;
    }

    /** Counts a call in, or says why not. */
    @Nullable RpcException admit(RpcRequest request) {
        int number = size.incrementAndGet();
        RpcException refusal =
                refusal(request, number); // after the count: a drain sees the call, or the call the drain
        if (refusal != null) {
            leave();
        }
        return refusal;
    }

    private @Nullable RpcException refusal(RpcRequest request, int number) {
        Phase phase = link.phase();
        if (phase != Phase.OPEN) {
            return RpcException.refused(
                    RpcStatus.UNAVAILABLE,
                    phase == Phase.DRAINING ? "connection: closing (expected: open)" : "connection: closed");
        }
        int name = bytes(request.endpoint());
        if (name > RpcRequest.MAX_ENDPOINT) {
            return RpcException.of(
                    RpcStatus.INVALID_ARGUMENT,
                    "endpoint: " + name + " bytes (expected: at most " + RpcRequest.MAX_ENDPOINT + ")");
        }
        RpcException tooLarge = tooLarge("fields", request.fields());
        if (tooLarge != null) {
            return tooLarge;
        }
        if (request.deadline().isExpired()) {
            return RpcException.of(RpcStatus.DEADLINE_EXCEEDED, request.endpoint() + ": no time left");
        }
        if (number > maxStreams) {
            return RpcException.remote(
                    RpcStatus.RESOURCE_EXHAUSTED,
                    "calls: " + number + " at one time (expected: at most " + maxStreams + ")",
                    true);
        }
        return null;
    }

    /** Counts what may be too long alone. */
    private static int bytes(String name) {
        return name.length() * 3 <= RpcRequest.MAX_ENDPOINT ? name.length() : ByteBufUtil.utf8Bytes(name);
    }

    /** Looks at metadata of either direction. */
    @Nullable RpcException tooLarge(String what, Fields fields) {
        if (fields.isEmpty()) {
            return null;
        }
        int bytes = 0;
        for (int i = 0; i < fields.size(); i++) {
            bytes += ByteBufUtil.utf8Bytes(fields.name(i)) + ByteBufUtil.utf8Bytes(fields.value(i)) + FIELD_OVERHEAD;
        }
        return bytes <= maxHeader
                ? null
                : RpcException.of(
                        RpcStatus.RESOURCE_EXHAUSTED,
                        what + ": " + bytes + " bytes (expected: at most " + maxHeader + ")");
    }

    /** What may be said of a failure. */
    RpcException told(LocalConnection by, RpcException failure) {
        return Told.of(failure, by.spec().settings().maxErrorText());
    }

    void add(LocalCall call) {
        calls.add(call);
    }

    void remove(LocalCall call) {
        calls.remove(call);
        leave();
    }

    private void leave() {
        if (size.decrementAndGet() == 0) {
            link.left();
        }
    }

    void cutAll(RpcException why) {
        calls.forEach(call -> call.cut(why));
    }

    /** Ends calls whose time is over; tells whether others have a deadline. */
    boolean tick(long now) {
        boolean waiting = false;
        for (LocalCall call : calls) {
            waiting |= call.tick(now);
        }
        return waiting;
    }
}
