package io.headgate.mux.internal.h1;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpVersion;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.ClientException;
import io.headgate.mux.ClosedException;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.FrontExchange;
import io.headgate.mux.internal.Grpc;
import io.headgate.mux.internal.InboundBody;
import io.headgate.mux.internal.h1.H1Encoder.Framing;
import io.headgate.mux.internal.h1.H1Encoder.Persistence;
import io.netty.buffer.ByteBuf;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** One exchange on an HTTP/1.1 client connection. */
final class H1FrontExchange extends FrontExchange {

    private final H1Front connection;
    private @Nullable InboundBody requestBody;
    private HttpVersion version = HttpVersion.HTTP_1_1;
    private Framing framing = Framing.NONE;
    private boolean head;
    private boolean awaitsContinue;
    private boolean persistent;
    private boolean abandoned;
    private @Nullable String webSocketKey;
    private int unread; // bytes of the request that nobody has consumed
    private long rest; // bytes of the request that are to come, or that came in vain if their number is not known

    H1FrontExchange(H1Front connection) {
        super(connection.context());
        this.connection = connection;
    }

    // ---- the request

    void start(H1Heads.Request request) {
        version = request.version();
        persistent = request.persistent();
        awaitsContinue = request.expects() && request.hasBody();
        head = request.head().method().equals("HEAD");
        webSocketKey = request.webSocketKey();
        if (request.head().wantsTunnel()) {
            requestBody = new InboundBody(context().loop(), this, Body.UNKNOWN_LENGTH);
            connection.awaitTunnel();
        } else if (request.hasBody()) {
            rest = request.length();
            requestBody =
                    new InboundBody(context().loop(), this, request.chunked() ? Body.UNKNOWN_LENGTH : request.length());
        } else {
            requestEnded();
        }
        start(request.head(), requestBody == null ? Body.empty() : requestBody, connection.info(version));
    }

    void refuse(RequestHead known, RequestException why) {
        head = known.method().equals("HEAD");
        persistent = false;
        requestGivenUp();
        refuse(known, connection.info(version), why);
    }

    void requestData(ByteBuf chunk, boolean last) {
        received(chunk.readableBytes());
        awaitsContinue = false;
        InboundBody body = body(chunk);
        if (body == null) {
            return;
        }
        int bytes = chunk.readableBytes();
        unread += bytes;
        if (body.length() >= 0) {
            rest -= bytes;
        } else if (abandoned) {
            rest += bytes;
        }
        if (last) {
            requestEnded();
        }
        body.data(chunk, last);
        connection.updateReading();
        if (abandoned && !last) {
            connection.exchangeChanged(this); // more may have come than is worth reading
        }
    }

    /** The last bytes have come, which may be none, and the trailers. */
    void requestEnd(ByteBuf chunk, Fields trailers) {
        if (trailers.isEmpty()) {
            requestData(chunk, true);
            return;
        }
        if (chunk.isReadable()) {
            requestData(chunk, false);
        } else {
            chunk.release();
        }
        requestEnd(trailers);
    }

    private void requestEnd(Fields trailers) {
        received(0);
        requestEnded();
        if (requestBody != null) {
            requestBody.end(trailers);
        }
    }

    /** The request body, or null when the head promised none: then bytes of it have no meaning and are dropped. */
    private @Nullable InboundBody body(ByteBuf chunk) {
        if (requestBody == null) {
            chunk.release();
        }
        return requestBody;
    }

    /** The rest of the request is malformed, or does not come. */
    void requestBroken(ClientException why) {
        persistent = false;
        requestGivenUp();
        boolean replying = isReplying();
        if (!replying) {
            answerError(why); // first, so that the client is told what it did, not what became of the call
        }
        if (requestBody != null) {
            requestBody.fail(why);
        }
        connection.exchangeChanged(this); // the reply may have ended before
    }

    /** Ends now, with an answer if there was none. */
    void end(ClosedException why) {
        if (isEnded()) {
            requestBroken(ClientException.gone("gateway: closed", why)); // the service still reads the request
        } else {
            fail(why);
        }
    }

    /** The connection is gone; without a cause the client has closed it. */
    void lost(@Nullable Throwable cause) {
        if (isTunnel() && cause == null) {
            requestEnd(Fields.empty());
            hungUp();
            return;
        }
        Throwable why = cause == null ? new ClosedChannelException() : cause;
        ClientException gone = ClientException.gone("client: connection lost", why);
        clientGone(gone); // before the body fails, so that the failure of the call is not answered
        if (requestBody != null && !isRequestEnded()) {
            requestBody.fail(gone);
        }
    }

    @Override
    protected void requestStalled(ClientException why) {
        requestBroken(why);
    }

    /** Looks at the timeouts; the client has acknowledged so many bytes since the last time. */
    void onTick(int bytes) {
        if (bytes > 0) {
            moved(bytes);
        }
        tick();
    }

    @Override
    protected boolean isClientsTurn() {
        return unread == 0 && !awaitsContinue;
    }

    boolean isBehind() {
        return isClientBehind();
    }

    @Override
    public void consumed(int bytes) {
        unread -= bytes;
        connection.updateReading();
    }

    @Override
    public void abandon() {
        abandoned = true;
        connection.updateReading();
        connection.exchangeChanged(this); // the reply may have ended before
    }

    boolean wantsTunnel() {
        return exchange().head().wantsTunnel();
    }

    boolean wantsRest() {
        return !isRequestEnded();
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** Whether it is cheaper to read the rest of the request in vain than to connect anew. */
    boolean restIsShort() {
        return rest <= context().settings().bodyBuffer();
    }

    /** The rest of a request that nobody wants has been waited for in vain. */
    void restIsLate() {
        persistent = false;
        connection.exchangeChanged(this);
    }

    int unread() {
        return unread;
    }

    // ---- the reply

    @Override
    protected boolean isBodiless(int status) {
        return head || status == 204 || status == 304;
    }

    @Override
    protected void writeInterim(ReplyHead interim) {
        if (version == HttpVersion.HTTP_1_0) {
            return; // it does not know interim replies (RFC 9110 section 15.2)
        }
        if (interim.status() == 100) {
            if (!awaitsContinue) {
                return; // not asked for, or the client went ahead without it
            }
            awaitsContinue = false;
        }
        H1Encoder.replyHead(connection.output().buffer(), interim, Framing.NONE, 0, false, Persistence.DEFAULT);
        connection.output().flushLater();
    }

    @Override
    protected boolean isTunnelRefusal(int status) {
        return true; // but for 101, which is the tunnel itself
    }

    @Override
    protected void writeTunnelHead(ReplyHead reply) {
        persistent = false;
        H1Encoder.tunnelHead(connection.output().buffer(), reply, webSocketKey);
        connection.output().flushLater();
        connection.openTunnel();
    }

    private void declineTunnel() {
        requestEnd(Fields.empty());
        connection.declineTunnel();
    }

    @Override
    protected void writeHead(ReplyHead reply, Body body) {
        if (wantsTunnel() && !isRequestEnded()) {
            declineTunnel();
        }
        if (awaitsContinue || connection.isClosing()) {
            persistent = false; // the client may or may not send its body now: nobody can tell what comes next
        }
        boolean bodiless = isBodiless(reply.status());
        long length = body.length();
        framing = framing(reply, bodiless, length);
        boolean passLength = bodiless && reply.status() != 204;
        H1Encoder.replyHead(connection.output().buffer(), reply, framing, length, passLength, persistence());
        connection.output().flushLater();
    }

    private Framing framing(ReplyHead reply, boolean bodiless, long length) {
        if (bodiless) {
            int status = reply.status();
            // what HEAD would give is only known of a body that is there, unless the head says it itself
            boolean known = status != 204 && status != 304 && length > 0;
            return head && known && !reply.fields().contains("content-length") ? Framing.LENGTH : Framing.NONE;
        }
        if (length == 0 || length > 0 && !Grpc.isGrpc(exchange().head())) {
            return Framing.LENGTH; // but gRPC, whose status comes in trailers
        }
        if (version == HttpVersion.HTTP_1_0) {
            persistent = false;
            return Framing.CLOSE;
        }
        return Framing.CHUNKED;
    }

    @Override
    protected boolean carriesTrailers() {
        return framing == Framing.CHUNKED;
    }

    private Persistence persistence() {
        if (!persistent) {
            return Persistence.CLOSE;
        }
        return version == HttpVersion.HTTP_1_0 ? Persistence.KEEP_ALIVE : Persistence.DEFAULT;
    }

    @Override
    protected void writeData(ByteBuf chunk, boolean last) {
        int bytes = chunk.readableBytes();
        H1Encoder.data(connection.output().buffer(), chunk, last, framing);
        connection.wrote(bytes, last);
        if (last) {
            replySent();
        }
    }

    @Override
    protected void writeEnd(Fields trailers) {
        H1Encoder.end(connection.output().buffer(), trailers, framing);
        connection.output().flushLater();
        replySent();
    }

    void replyBytesLeft(int bytes) {
        sent(bytes);
    }

    @Override
    protected void cut(Throwable why) {
        persistent = false;
        connection.cut(framing == Framing.CLOSE);
    }

    @Override
    protected void ended(Outcome how) {
        if (how == Outcome.CANCELLED) {
            persistent = false;
        }
        connection.exchangeChanged(this);
    }

    boolean isPersistent() {
        return persistent;
    }
}
