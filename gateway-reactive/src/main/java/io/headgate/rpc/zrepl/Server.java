package io.headgate.rpc.zrepl;

import io.headgate.Service;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The layer of calls of the acceptor: answers one call after the other, each to the last byte of both directions. */
final class Server implements CallLayer {

    private final CallHost host;
    private final MessageWriter out;
    private final Service<RpcRequest, RpcReply> handler;
    private @Nullable IncomingCall current;
    private int leftover; // bytes of a request that was refused at its header
    private boolean draining;
    private boolean saidClose;

    Server(CallHost host, MessageWriter out, Service<RpcRequest, RpcReply> handler) {
        this.host = host;
        this.out = out;
        this.handler = handler;
    }

    CallHost host() {
        return host;
    }

    MessageWriter out() {
        return out;
    }

    // ---- the messages of the initiator

    /** The next request waits below until the one before it is over. */
    @Override
    public boolean isReady() {
        return current == null || current.isReady();
    }

    @Override
    public void head(CallHeader header) {
        leftover = 0;
        if (saidClose) {
            throw Violation.of("header: " + HeaderWriter.text(header).strip() + " (expected: none after Close)");
        }
        if (header.dataType() == CallHeader.CONTROL) {
            control(header);
            return;
        }
        Content content = Statuses.content(header.dataType());
        Content accept = Statuses.content(header.accept());
        String wrong = wrong(header, content, accept);
        if (wrong != null || content == null || accept == null) {
            out.head(CallHeader.failure(CallHeader.REQUEST_ERROR, String.valueOf(wrong)));
            host.flush();
            return;
        }
        IncomingCall call = new IncomingCall(header, content, accept, this);
        current = call;
        call.start(handler, content);
    }

    private void control(CallHeader header) {
        if (header.endpoint().equals(CallHeader.CLOSE)) {
            saidClose = true;
            out.head(CallHeader.reply(CallHeader.CONTROL));
            host.flush();
            host.goodbye();
        } else {
            out.head(CallHeader.failure(
                    CallHeader.REQUEST_ERROR, "control endpoint: " + header.endpoint() + " (expected: Close)"));
            host.flush();
        }
    }

    private static @Nullable String wrong(CallHeader header, @Nullable Content content, @Nullable Content accept) {
        int length = header.endpoint().length();
        if (length == 0 || length > RpcRequest.MAX_ENDPOINT) {
            return "Endpoint: " + length + " characters (expected: 1.." + RpcRequest.MAX_ENDPOINT + ")";
        }
        if (content == null) {
            return "DataType: " + header.dataType() + " (expected: 1, 2, 3 or 4)";
        }
        if (accept == null) {
            return "Accept: " + header.accept() + " (expected: 1, 3 or 4)";
        }
        if (header.error() != 0) {
            return "Error of a request: " + Long.toUnsignedString(header.error()) + " (expected: 0)";
        }
        return header.errorMessage().isEmpty()
                ? null
                : "ErrorMessage of a request: " + header.errorMessage().length() + " characters (expected: none)";
    }

    @Override
    public void data(ByteBuf part) {
        if (current != null) {
            current.data(part);
            return;
        }
        leftover += part.readableBytes();
        part.release();
        if (leftover > host.settings().maxLeftover()) {
            host.fail(Ending.of(
                    Ending.Kind.ABORTED,
                    "request that was refused: it goes on (expected: at most "
                            + host.settings().maxLeftover() + " bytes)"));
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

    /** The call is over on both sides. */
    void over() {
        current = null;
        settleWhenIdle();
        host.ready();
    }

    // ---- the life of the layer

    @Override
    public void drain() {
        draining = true;
        settleWhenIdle();
    }

    private void settleWhenIdle() {
        if (draining && current == null) {
            host.settled();
        }
    }

    @Override
    public void cut() {
        if (current == null) {
            host.settled();
        } else if (!current.cut()) {
            host.fail(Ending.of(Ending.Kind.ABORTED, "closed while a call was under way"));
        }
    }

    /** The wire has no goodbye of the acceptor but the reset that the layer below says. */
    @Override
    public void close() {
        host.goodbye();
    }

    @Override
    public void lost(Ending ending) {
        IncomingCall cut = current;
        current = null;
        if (cut != null) {
            cut.lost(ending);
        }
    }

    @Override
    public void tick(long now) {
        // calls of the other side have no deadlines: they do not travel
    }

    @Override
    public boolean needsTime() {
        return false;
    }

    @Override
    public void writable() {
        if (current != null) {
            current.writable();
        }
    }

    @Override
    public boolean waitsForPeer() {
        return current != null && current.waitsForPeer();
    }

    @Override
    public int active() {
        return current == null ? 0 : 1;
    }

    @Override
    public String endpoint() {
        return current == null ? "" : current.endpoint();
    }
}
