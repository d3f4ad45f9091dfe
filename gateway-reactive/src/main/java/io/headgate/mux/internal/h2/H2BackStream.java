package io.headgate.mux.internal.h2;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.mux.internal.BackExchange;
import io.headgate.mux.internal.BackStream;
import io.headgate.mux.internal.Grpc;
import io.headgate.mux.internal.InboundBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;

/** One exchange on an HTTP/2 upstream connection: one stream. */
final class H2BackStream implements BackStream, H2Data.Sender {

    /** The stream of an exchange that could not be started and goes on elsewhere. */
    static final BackStream NOWHERE = new BackStream() {
        @Override
        public void writeData(ByteBuf chunk, boolean last) {
            chunk.release();
        }

        @Override
        public void writeEnd(Fields trailers) {}

        @Override
        public void replyConsumed(int bytes) {}

        @Override
        public void cancel() {}
    };

    private final H2Back back;
    private final Http2Stream stream;
    private final boolean replyToHead;
    private final boolean wantsTunnel;
    private @Nullable BackExchange exchange; // null when nobody listens any more
    private @Nullable InboundBody replyBody;
    private boolean replying;
    private boolean hasBytes;

    H2BackStream(H2Back back, Http2Stream stream, BackExchange exchange) {
        this.back = back;
        this.stream = stream;
        this.exchange = exchange;
        this.wantsTunnel = exchange.exchange().head().wantsTunnel();
        this.replyToHead = exchange.exchange().head().method().equals("HEAD");
    }

    // ---- the request

    @Override
    public void writeData(ByteBuf chunk, boolean last) {
        back.connection().writeData(stream, this, chunk, last);
    }

    @Override
    public void writeEnd(Fields trailers) {
        if (trailers.isEmpty()) {
            back.connection().writeData(stream, this, Unpooled.EMPTY_BUFFER, true);
        } else {
            back.connection().writeTrailers(stream.id(), H2Heads.toTrailers(trailers), this::allWritten);
        }
    }

    @Override
    public void written(int bytes) {
        if (exchange != null) {
            exchange.sent(bytes);
        }
    }

    @Override
    public void allWritten() {
        // the exchange knows that its request has ended
    }

    @Override
    public void cancel() {
        exchange = null;
        back.reset(stream.id(), Http2Error.CANCEL);
    }

    // ---- the reply

    void headers(Http2Headers headers, boolean endStream) {
        BackExchange open = exchange;
        if (open == null) {
            return;
        }
        if (replying) {
            InboundBody body = replyBody;
            if (body != null && lacksBody(body)) {
                broken(open, noBody(body.length()));
                return;
            }
            if (body != null) {
                body.end(H2Heads.trailers(headers));
            }
            replyEnded(open);
            return;
        }
        H2Heads.Reply reply;
        try {
            reply = H2Heads.reply(headers, back.pool().settings());
            if (reply.head().isInterim()) {
                open.interim(reply.head());
                return;
            }
        } catch (ProtocolException | RequestException e) {
            broken(open, e);
            return;
        }
        replying = true;
        begin(open, reply.head(), reply.length(), endStream);
    }

    private void begin(BackExchange open, ReplyHead head, long length, boolean endStream) {
        if (wantsTunnel && head.status() / 100 == 2) {
            openTunnel(open, head, endStream);
            return;
        }
        boolean bodiless = replyToHead || head.status() == 204 || head.status() == 304;
        if (endStream && !bodiless && length > 0) {
            broken(open, noBody(length));
        } else if (endStream) {
            open.reply(head);
            replyEnded(open);
        } else if (bodiless || Grpc.isTrailersOnly(open.exchange().head(), head)) {
            open.reply(head); // what follows can only be an empty end
        } else {
            InboundBody body = new InboundBody(back.pool().loop(), open, length);
            replyBody = body;
            open.reply(head, body);
        }
    }

    /** What HTTP/2 answers with 200 is 101 where the tunnel is an upgrade. */
    private void openTunnel(BackExchange open, ReplyHead head, boolean endStream) {
        InboundBody body = new InboundBody(back.pool().loop(), open, Body.UNKNOWN_LENGTH);
        replyBody = body;
        boolean upgrade = open.exchange().head().upgrade() != null;
        open.tunnel(upgrade ? new ReplyHead(101, head.fields()) : head, body);
        if (endStream) {
            body.end(Fields.empty());
            replyEnded(open);
        }
    }

    /** The codec counts the bytes of a body, but takes none at all for the reply to a HEAD (RFC 9113 section 8.1.1). */
    private boolean lacksBody(InboundBody body) {
        return body.length() > 0 && !hasBytes;
    }

    private static ProtocolException noBody(long length) {
        return new ProtocolException("content-length: " + length + " without a body (expected: as many bytes)");
    }

    void data(ByteBuf chunk, boolean last) {
        BackExchange open = exchange;
        InboundBody body = replyBody;
        if (open == null || body == null) {
            int bytes = chunk.readableBytes();
            chunk.release();
            back.connection().consumed(stream, bytes);
            if (open != null && bytes > 0) {
                broken(open, new ProtocolException("DATA where no body can be"));
            } else if (open != null && last) {
                replyEnded(open);
            }
            return;
        }
        hasBytes |= chunk.isReadable();
        if (last && lacksBody(body)) {
            chunk.release();
            broken(open, noBody(body.length()));
            return;
        }
        open.received();
        body.data(chunk, last);
        if (last) {
            replyEnded(open);
        }
    }

    private void replyEnded(BackExchange open) {
        if (exchange != open) {
            return; // the consumer cancelled at the very end
        }
        exchange = null;
        boolean whole = open.isRequestSent();
        open.replyEnded();
        back.connection().served();
        if (wantsTunnel) {
            back.connection().writeData(stream, this, Unpooled.EMPTY_BUFFER, true); // closes this side, too
        } else if (!whole && stream.state() != Http2Stream.State.CLOSED) {
            back.reset(stream.id(), Http2Error.CANCEL); // the rest of the request is of no use
        }
    }

    @Override
    public void replyConsumed(int bytes) {
        back.connection().consumed(stream, bytes);
    }

    boolean isOpen() {
        return exchange != null;
    }

    // ---- failures

    private void broken(BackExchange open, Throwable cause) {
        exchange = null;
        back.connection().report(Limit.UPSTREAM);
        back.reset(stream.id(), Http2Error.PROTOCOL_ERROR);
        open.fail(UpstreamException.of(Failure.PROTOCOL, cause));
    }

    void refused(Throwable cause) {
        BackExchange open = exchange;
        exchange = null;
        if (open != null) {
            open.refused(Failure.REFUSED, cause);
        }
    }

    void reset(long code, Throwable cause) {
        BackExchange open = exchange;
        exchange = null;
        if (open != null) {
            open.reset(code, cause);
        }
    }

    void unanswered(Throwable cause) {
        BackExchange open = exchange;
        exchange = null;
        if (open != null) {
            open.unanswered(false, cause);
        }
    }

    void lost(Throwable cause) {
        BackExchange open = exchange;
        exchange = null;
        if (open != null) {
            open.fail(UpstreamException.of(Failure.LOST, cause));
        }
    }

    void tick(int unread) {
        if (exchange != null) {
            exchange.tick(unread);
        }
    }
}
