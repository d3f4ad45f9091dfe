package io.headgate.mux.internal.h2;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.ClientException;
import io.headgate.mux.ClosedException;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.FrontExchange;
import io.headgate.mux.internal.InboundBody;
import io.headgate.mux.internal.ResetCodes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One exchange on an HTTP/2 client connection: one stream. */
final class H2FrontExchange extends FrontExchange implements H2Data.Sender {

    private final H2Front front;
    private final Http2Stream stream;
    private @Nullable InboundBody requestBody;
    private boolean head;
    private boolean awaitsContinue;
    private boolean closing; // the last frame of this side is on its way: the stream may close any time
    private boolean abandoned;

    H2FrontExchange(H2Front front, Http2Stream stream) {
        super(front.context());
        this.front = front;
        this.stream = stream;
    }

    // ---- the request

    void start(H2Heads.Request request, boolean endStream) {
        head = request.head().method().equals("HEAD");
        awaitsContinue = request.expects();
        if (endStream) {
            requestEnded();
        } else {
            requestBody = new InboundBody(context().loop(), this, request.length());
        }
        start(request.head(), endStream || requestBody == null ? Body.empty() : requestBody, front.info());
    }

    /** Answers a request that is understood but not taken. */
    void refuse(RequestHead known, RequestException why, boolean endStream) {
        abandoned = true;
        if (endStream) {
            requestEnded();
        }
        refuse(known, front.info(), why);
    }

    /** Ends a request that is malformed; its stream is about to be reset for that. */
    void reject(RequestException why) {
        closing = true;
        requestGivenUp();
        reject(H2Heads.UNREADABLE, front.info(), why);
    }

    void requestData(ByteBuf chunk, boolean last) {
        received(chunk.readableBytes());
        awaitsContinue = false;
        if (requestBody == null) {
            int bytes = chunk.readableBytes();
            chunk.release();
            front.connection().consumed(stream, bytes);
            return;
        }
        if (last) {
            requestEnded();
        }
        requestBody.data(chunk, last);
    }

    void requestEnd(Fields trailers) {
        received(0);
        requestEnded();
        if (requestBody != null) {
            requestBody.end(trailers);
        }
    }

    /** The stream is gone: by a reset, with its connection, or because all is said. */
    void streamClosed(String why) {
        if (isEnded() && isRequestEnded()) {
            return;
        }
        ClientException gone = ClientException.gone(why, null);
        if (!closing) {
            clientGone(gone); // before the body fails, so that the failure of the call is not answered
        }
        if (requestBody != null && !isRequestEnded()) {
            requestBody.fail(gone);
        }
    }

    /** Ends now, with an answer if there was none. */
    void end(ClosedException why) {
        if (!isEnded()) {
            fail(why);
        } else if (!isRequestEnded()) {
            front.connection().reset(stream.id(), Http2Error.CANCEL); // the service still reads the request
        }
    }

    @Override
    protected void requestStalled(ClientException why) {
        requestGivenUp();
        abandoned = true;
        if (!isReplying()) {
            answerError(why);
        }
        if (requestBody != null) {
            requestBody.fail(why);
        }
    }

    /** Looks at the timeouts; a connection that is behind has taken so many bytes since the last time. */
    void onTick(int bytes) {
        if (isEnded()) {
            return;
        }
        if (bytes > 0 && isClientBehind()) {
            moved(bytes);
        }
        tick();
    }

    @Override
    protected boolean isClientsTurn() {
        return !awaitsContinue && front.connection().unconsumed(stream) == 0;
    }

    @Override
    public void consumed(int bytes) {
        front.connection().consumed(stream, bytes);
    }

    @Override
    public void abandon() {
        abandoned = true;
        if (isEnded()) {
            stopRequest();
        }
    }

    // ---- the reply

    @Override
    protected boolean isBodiless(int status) {
        return head || status == 204 || status == 304;
    }

    @Override
    protected void writeInterim(ReplyHead interim) {
        if (interim.status() == 100) {
            if (!awaitsContinue) {
                return; // not asked for, or the client went ahead without it
            }
            awaitsContinue = false;
        }
        front.connection().writeHeaders(stream.id(), H2Heads.toHeaders(interim, Body.UNKNOWN_LENGTH, false), false);
    }

    @Override
    protected boolean isTunnelRefusal(int status) {
        return status / 100 != 2; // which would open it
    }

    @Override
    protected void writeTunnelHead(ReplyHead reply) {
        boolean upgrade = exchange().head().upgrade() != null;
        front.connection().writeHeaders(stream.id(), H2Heads.toTunnelHeaders(reply, upgrade), false);
    }

    @Override
    protected void writeHead(ReplyHead reply, Body body) {
        boolean bodiless = isBodiless(reply.status());
        boolean end = bodiless || body.isEmpty();
        // of an empty body nothing need be said: the end of the stream says it
        long length = body.isEmpty() ? Body.UNKNOWN_LENGTH : body.length();
        Http2Headers headers = H2Heads.toHeaders(reply, length, bodiless && reply.status() != 204);
        closing |= end;
        front.connection().writeHeaders(stream.id(), headers, end);
    }

    @Override
    protected void writeData(ByteBuf chunk, boolean last) {
        front.connection().writeData(stream, this, chunk, last);
    }

    @Override
    public void written(int bytes) {
        sent(bytes);
    }

    @Override
    public void allWritten() {
        closing = true;
        replySent();
    }

    @Override
    protected void writeEnd(Fields trailers) {
        if (trailers.isEmpty()) {
            front.connection().writeData(stream, this, Unpooled.EMPTY_BUFFER, true);
            return;
        }
        front.connection().writeTrailers(stream.id(), H2Heads.toTrailers(trailers), this::replySent);
    }

    @Override
    protected void cut(Throwable why) {
        closing = true;
        front.connection().reset(stream.id(), ResetCodes.of(why));
    }

    @Override
    protected boolean carriesTrailers() {
        return true;
    }

    @Override
    protected void ended(Outcome how) {
        if (how == Outcome.CANCELLED) {
            return;
        }
        closing = true;
        if (how == Outcome.COMPLETE) {
            front.connection().served();
        }
        if (abandoned) {
            stopRequest();
        }
    }

    /**
     * The reply is whole and nobody reads the rest of the request: asks the client to stop (RFC 9113 section 8.1). The end of
     * one direction of a tunnel invites the client to end the other, for which it gets a moment (RFC 8441 section 5).
     */
    private void stopRequest() {
        if (isTunnel()) {
            context()
                    .loop()
                    .executor()
                    .schedule(this::resetRequest, context().settings().linger().toNanos(), TimeUnit.NANOSECONDS);
        } else {
            resetRequest();
        }
    }

    private void resetRequest() {
        if (!isRequestEnded() && stream.state() != Http2Stream.State.CLOSED) {
            front.connection().reset(stream.id(), Http2Error.NO_ERROR);
        }
    }
}
