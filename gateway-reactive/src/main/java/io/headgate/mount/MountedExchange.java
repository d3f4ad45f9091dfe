package io.headgate.mount;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpVersion;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.ClientException;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.Backlog;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.FrontExchange;
import io.headgate.mux.internal.Grpc;
import io.headgate.mux.internal.InboundBody;
import io.headgate.mux.internal.Ticker;
import io.headgate.mux.internal.Timed;
import io.headgate.mux.internal.h1.H1Heads;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * One exchange of a Reactor Netty server. The body of the request is asked for piece by piece as the consumer takes it; that
 * of the reply is given to the server as a publisher.
 */
final class MountedExchange extends FrontExchange implements Timed {

    private static final RequestHead UNREADABLE = RequestHead.of("GET", "unknown", "/");

    private final HttpServerRequest request;
    private final Connection connection;
    private final MonoSink<Void> done;
    private final MountedReply reply;
    private final MountedHandler handler;
    private final MountedReader reader;
    private final Backlog backlog = new Backlog();
    private Ticker.@Nullable Registration timer;
    private @Nullable InboundBody requestBody;
    private HttpVersion version = HttpVersion.HTTP_1_1;
    private boolean head;
    private boolean persistent = true;
    private boolean abandoned;
    private boolean closing; // by a cut: what goes away then is no surprise
    private boolean written; // the end of the reply has gone to the transport
    private boolean unwanted; // the rest of the request, after the reply

    MountedExchange(
            FrontContext context,
            HttpServerRequest request,
            HttpServerResponse response,
            Connection connection,
            MonoSink<Void> done) {
        super(context);
        this.request = request;
        this.connection = connection;
        this.done = done;
        this.reply = new MountedReply(this, response, connection.channel(), context.loop());
        this.handler = new MountedHandler(this, reply);
        this.reader = new MountedReader(this, context.settings().bodyBuffer());
    }

    // ---- the request

    void start() {
        timer = context().loop().ticker().register(this);
        handler.install(connection.channel());
        done.onCancel(() -> context().loop().run(() -> lost("client: connection or stream closed", null)));
        H1Heads.Request read;
        try {
            version = MountedHead.version(request);
            read = MountedHead.read(request, version, context().settings());
        } catch (RequestException e) {
            persistent = false;
            requestGivenUp();
            refuse(known(), info(), e);
            return;
        }
        persistent = read.persistent();
        head = read.head().method().equals("HEAD");
        start(read.head(), body(read), info());
    }

    private RequestHead known() {
        String type = request.requestHeaders().get("content-type");
        return type == null ? UNREADABLE : UNREADABLE.withFields(Fields.of("content-type", type));
    }

    private MountedInfo info() {
        return MountedInfo.of(request, version);
    }

    private Body body(H1Heads.Request read) {
        if (!read.hasBody()) {
            requestEnded();
            return Body.empty();
        }
        InboundBody body =
                new InboundBody(context().loop(), this, read.chunked() ? Body.UNKNOWN_LENGTH : read.length());
        requestBody = body;
        if (read.expects()) {
            return new AwaitedBody(body, () -> context().loop().run(this::read));
        }
        read();
        return body;
    }

    private void read() {
        if (!isEnded()) {
            reader.start(request);
        }
    }

    void requestData(ByteBuf chunk) {
        received(chunk.readableBytes());
        body().data(chunk, false);
    }

    void requestEnd() {
        if (isEnded() || connection.isDisposed()) {
            // the server has answered by itself, because the rest is malformed: there is nothing left to say
            lost("request body: malformed (expected: as of RFC 9112 section 7.1)", null);
            return;
        }
        received(0);
        requestEnded();
        body().end(handler.trailers());
    }

    /** The rest of the request does not come or is malformed. */
    void requestBroken(ClientException why) {
        persistent = false;
        requestGivenUp();
        if (!isReplying()) {
            answerError(why);
        }
        body().fail(why);
    }

    /** Nobody waits for the reply any more. */
    void lost(String why, @Nullable Throwable cause) {
        ClientException gone = ClientException.gone(why, cause);
        if (!closing) {
            clientGone(gone); // before the body fails, so that the failure of the call is not answered
        }
        if (requestBody != null && !isRequestEnded()) {
            requestBody.fail(gone);
        }
    }

    @Override
    protected void requestStalled(ClientException why) {
        requestBroken(why);
    }

    @Override
    protected boolean isClientsTurn() {
        return reader.isWaiting();
    }

    @Override
    public void consumed(int bytes) {
        reader.consumed(bytes);
    }

    /** A stream of Netty that is asked to read twice in a row writes the window update but does not flush it. */
    void flushCredit() {
        if (version == HttpVersion.HTTP_2) {
            connection.channel().flush();
        }
    }

    @Override
    public void abandon() {
        abandoned = true; // what still comes is read in vain, so that the end of the connection is not missed
    }

    private InboundBody body() {
        if (requestBody == null) {
            throw new IllegalStateException("request has no body");
        }
        return requestBody;
    }

    @Override
    public void tick(long now) {
        if (isEnded()) {
            return;
        }
        int bytes = backlog.moved(connection.channel());
        if (bytes > 0 && isClientBehind()) {
            moved(bytes);
        }
        tick();
    }

    // ---- the reply

    @Override
    protected boolean isBodiless(int status) {
        return head || status == 204 || status == 304;
    }

    @Override
    protected void writeInterim(ReplyHead interim) {
        if (interim.status() == 100) {
            if (requestBody != null) {
                read(); // which makes the server say it, if that is awaited
            }
        } else if (version != HttpVersion.HTTP_1_0 && !head) {
            reply.interim(interim); // but to HEAD: the codec would take the reply after it for one with a body
        }
    }

    @Override
    protected boolean isTunnelRefusal(int status) {
        return true;
    }

    @Override
    protected void writeTunnelHead(ReplyHead answer) {
        throw new IllegalStateException("tunnel: " + answer.status() + " (expected: none, as nothing asks for it)");
    }

    @Override
    protected void writeHead(ReplyHead answer, Body body) {
        boolean inChunks =
                body.length() < 0 || body.length() > 0 && Grpc.isGrpc(exchange().head());
        if (isBodiless(answer.status()) || body.isEmpty()) {
            reply.headOnly(answer, isBodiless(answer.status()), persistent, body.length());
            done.success();
        } else {
            persistent &= version != HttpVersion.HTTP_1_0 || !inChunks;
            reply.head(answer, inChunks ? Body.UNKNOWN_LENGTH : body.length(), persistent);
        }
    }

    @Override
    protected void writeData(ByteBuf chunk, boolean last) {
        reply.data(chunk, last);
    }

    @Override
    protected void writeEnd(Fields trailers) {
        reply.end(trailers);
    }

    /** Bytes of the reply have left, as far as can be told. */
    void left(int bytes) {
        sent(bytes);
    }

    /** The server has taken the whole body of the reply. */
    void replyTaken() {
        done.success();
        replySent();
    }

    @Override
    protected boolean carriesTrailers() {
        return reply.isInChunks();
    }

    @Override
    protected void cut(Throwable why) {
        closing = true;
        reply.cut(why);
    }

    @Override
    protected void ended(Outcome how) {
        if (timer != null) {
            timer.close();
        }
        handler.remove();
        reply.release();
        reader.stop();
        if (requestBody != null && !isRequestEnded()) {
            requestBody.fail(ClientException.gone("request body: not read any more after the reply", null));
            unwanted = how == Outcome.COMPLETE && version == HttpVersion.HTTP_2;
            stopRequest();
        }
    }

    /** The end of the reply has gone to the transport: what is written now comes behind it. */
    void replyWritten() {
        written = true;
        stopRequest();
    }

    private void stopRequest() {
        if (written && unwanted) {
            reply.stopRequest();
        }
    }

    HttpVersion version() {
        return version;
    }

    boolean isAbandoned() {
        return abandoned;
    }
}
