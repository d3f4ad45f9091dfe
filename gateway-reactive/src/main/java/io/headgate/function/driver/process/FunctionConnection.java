package io.headgate.function.driver.process;

import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceFailure.Reason;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.mux.internal.OutputBuffer;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one instance, with one call at a time. A reply that comes in one read is passed on whole, so that the connection is
 * free before anybody looks at it; a longer one is passed on as it comes. For its event loop alone.
 */
final class FunctionConnection extends ChannelInboundHandlerAdapter {

    /** Beyond it a reply is not waited for to be whole. */
    private static final int MOST_GATHERED = 64 * 1024;

    private static final int USUAL_HEAD = 256;
    private static final int SWITCHING = 101;
    private static final byte[] CHUNK_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final FunctionClient client;
    private final EventLoop loop;
    private final ReplyDecoder decoder;
    private final ArrayDeque<ByteBuf> gathered = new ArrayDeque<>(4);
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable OutputBuffer out;
    private @Nullable Throwable cause;

    // The call that has the connection, and its reply.
    private @Nullable FunctionCall call;
    private @Nullable RequestFeed feed;
    private boolean reused;
    private @Nullable ReplyHead head;
    private @Nullable ReplyBody streaming;
    private boolean interim;
    private long received;

    private FunctionConnection(FunctionClient client, EventLoop loop) {
        this.client = client;
        this.loop = loop;
        this.decoder = new ReplyDecoder(client.caps().replyHead());
    }

    /** Connects, on an event loop that has sockets. */
    static Future<FunctionConnection> open(FunctionClient client, EventLoop loop) {
        SocketLoops.Transport transport = Objects.requireNonNull(SocketLoops.transport(loop));
        Promise<FunctionConnection> opened = loop.newPromise();
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channelFactory(transport.channels()::get)
                .disableResolver()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        install(client, loop, channel);
                    }
                })
                .connect(transport.addresses().apply(client.listener()));
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                opened.setSuccess(connecting.channel().pipeline().get(FunctionConnection.class));
            } else {
                opened.setFailure(done.cause());
            }
        });
        return opened;
    }

    /** On a channel of that loop, which is or will be connected. */
    static FunctionConnection install(FunctionClient client, EventLoop loop, Channel channel) {
        FunctionConnection connection = new FunctionConnection(client, loop);
        channel.pipeline().addLast(connection.decoder, connection);
        return connection;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        out = new OutputBuffer(added);
    }

    private Channel channel() {
        return Objects.requireNonNull(ctx).channel();
    }

    private OutputBuffer out() {
        return Objects.requireNonNull(out);
    }

    boolean isOpen() {
        return channel().isActive();
    }

    // ---- the request

    void begin(FunctionCall by, RequestFeed from, boolean served) {
        call = by;
        feed = from;
        reused = served;
        received = 0;
        decoder.startAnew();
    }

    void writeHead(Fields fields, long bodyLength) {
        RequestHead.write(out().tail(USUAL_HEAD), fields, bodyLength);
    }

    /** Takes ownership. */
    void writeData(ByteBuf data, boolean chunked) {
        int length = data.readableBytes();
        if (length == 0) {
            data.release();
        } else if (chunked) {
            ByteBuf size = out().tail(16);
            size.writeCharSequence(Integer.toHexString(length), StandardCharsets.US_ASCII);
            size.writeBytes(CHUNK_END);
            out().write(data);
            out().tail(CHUNK_END.length).writeBytes(CHUNK_END);
        } else {
            out().write(data);
        }
    }

    void writeEnd(boolean chunked) {
        if (chunked) {
            out().tail(LAST_CHUNK.length).writeBytes(LAST_CHUNK);
        }
    }

    void flush() {
        if (isOpen()) {
            out().drain();
            Objects.requireNonNull(ctx).flush();
        } else {
            out().release();
        }
    }

    boolean isWritable() {
        return channel().isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (feed != null && isWritable()) {
            feed.more();
        }
    }

    // ---- the reply

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (call == null && streaming == null) {
            ReferenceCountUtil.release(message); // nobody asked: Node.js says so before it closes an idle connection
            close();
            return;
        }
        if (feed != null) {
            feed.forget();
        }
        if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            refuse(object.decoderResult().cause());
            return;
        }
        if (message instanceof HttpResponse begun) {
            headCame(begun);
        }
        if (message instanceof HttpContent content) {
            contentCame(content);
        }
    }

    private void refuse(Throwable error) {
        if (error instanceof TooLongFrameException && head == null) {
            end(InstanceFailure.of(
                    Reason.REPLY_HEAD_TOO_LARGE,
                    "reply headers: too large (expected: at most "
                            + client.caps().replyHead() + " bytes)",
                    error));
        } else {
            end(InstanceFailure.of(Reason.NOT_A_REPLY, "reply: malformed (expected: HTTP/1.1)", error));
        }
    }

    private void headCame(HttpResponse begun) {
        int status = begun.status().code();
        interim = status < 200;
        if (status == SWITCHING) {
            end(InstanceFailure.of(Reason.NOT_A_REPLY, "reply: status 101 (expected: 200..599)", null));
        } else if (status < 100 || status > 599) {
            end(InstanceFailure.of(Reason.NOT_A_REPLY, "reply: status " + status + " (expected: 200..599)", null));
        } else if (!interim) {
            ReplyHead came = ReplyHead.of(begun);
            head = came;
            if (came.length() > client.caps().replyBody()) {
                endTooLarge();
            }
        }
    }

    private void endTooLarge() {
        end(InstanceFailure.of(
                Reason.REPLY_BODY_TOO_LARGE,
                "reply body: too large (expected: at most " + client.caps().replyBody() + " bytes)",
                null));
    }

    private void contentCame(HttpContent content) {
        ByteBuf data = content.content();
        boolean last = content instanceof LastHttpContent;
        if (interim || head == null) {
            data.release();
            interim &= !last;
            return;
        }
        received += data.readableBytes();
        if (received > client.caps().replyBody()) {
            data.release();
            endTooLarge();
            return;
        }
        if (!data.isReadable()) {
            data.release();
        } else if (streaming != null) {
            streaming.data(data);
        } else {
            gathered.add(data);
        }
        if (last) {
            replyEnded();
        } else if (streaming == null && received > MOST_GATHERED) {
            stream();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (head != null && streaming == null) {
            stream();
        }
        context.fireChannelReadComplete();
    }

    /** The rest will come later. */
    private void stream() {
        ReplyHead begun = Objects.requireNonNull(head);
        FunctionCall by = Objects.requireNonNull(call);
        ReplyBody body = new ReplyBody(this, loop, begun.length());
        streaming = body;
        for (ByteBuf data = gathered.poll(); data != null; data = gathered.poll()) {
            body.data(data);
        }
        call = null;
        by.replied(reply(begun, body));
    }

    private static InstanceReply reply(ReplyHead head, Body body) {
        return new InstanceReply(head.status(), head.fields(), body);
    }

    private void replyEnded() {
        ReplyHead ended = Objects.requireNonNull(head);
        FunctionCall by = call;
        ReplyBody body = streaming;
        RequestFeed from = Objects.requireNonNull(feed);
        boolean free = from.hasEnded() && ended.keepsConnection() && isOpen();
        if (!from.hasEnded()) {
            from.abandon(); // answered before it was heard out
        }
        Body whole = body == null ? gathered() : body;
        clear();
        if (free) {
            resume();
            client.keep(this, loop);
        } else {
            close();
        }
        if (body != null) {
            body.end();
        } else if (by != null) {
            by.replied(reply(ended, whole));
        }
    }

    private Body gathered() {
        if (gathered.isEmpty()) {
            return Body.empty();
        }
        Body body = Body.of(
                gathered.size() == 1 ? gathered.element() : Unpooled.wrappedBuffer(gathered.toArray(new ByteBuf[0])));
        gathered.clear();
        return body;
    }

    private void clear() {
        call = null;
        feed = null;
        head = null;
        streaming = null;
    }

    // ---- backpressure, and the end

    /** The reader of the reply is behind. */
    void pause() {
        channel().config().setAutoRead(false);
    }

    void resume() {
        channel().config().setAutoRead(true);
    }

    /** The call, or the reader of its reply, is not interested any more. */
    void leave() {
        RequestFeed from = feed;
        clear();
        if (from != null) {
            from.abandon();
        }
        close();
    }

    /** The request cannot be sent whole, while the reply is being read. */
    void requestFailed(Throwable failure) {
        ReplyBody body = streaming;
        leave();
        if (body != null) {
            body.fail(failure);
        }
    }

    private void end(FunctionException failure) {
        FunctionCall by = call;
        ReplyBody body = streaming;
        boolean unread = !decoder.hasRead();
        RequestFeed from = feed;
        clear();
        close();
        if (by != null) {
            by.lost(failure, unread, reused);
        } else if (body != null) {
            if (from != null) {
                from.abandon();
            }
            body.fail(failure);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        dropOutput();
        end(InstanceFailure.of(
                Reason.DISCONNECTED, "instance: it closed the connection (expected: a whole reply)", cause));
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable error) {
        cause = error;
        close();
    }

    void close() {
        gathered.forEach(ByteBuf::release);
        gathered.clear();
        channel().close();
    }

    private void dropOutput() {
        if (out != null) {
            out.release();
        }
    }
}
