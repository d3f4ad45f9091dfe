package io.headgate.mount;

import io.headgate.mux.ClientException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;

/** Takes the body of a request off the server, one piece at a time while the consumer keeps up. For the event loop alone. */
final class MountedReader extends BaseSubscriber<Object> {

    private final MountedExchange exchange;
    private final int bound;
    private boolean started;
    private boolean owesRequest;
    private int unread; // bytes that the consumer has not taken

    MountedReader(MountedExchange exchange, int bound) {
        this.exchange = exchange;
        this.bound = bound;
    }

    void start(HttpServerRequest request) {
        if (!started) {
            started = true;
            request.receiveObject().subscribe(this);
        }
    }

    void stop() {
        if (started) {
            cancel();
        }
    }

    /** Whether the client is to send, because all that came has been taken. */
    boolean isWaiting() {
        return started && unread == 0;
    }

    void consumed(int bytes) {
        unread -= bytes;
        askForMore();
    }

    private void askForMore() {
        if (owesRequest && (unread <= bound || exchange.isAbandoned())) {
            owesRequest = false;
            ask();
        }
    }

    private void ask() {
        request(1);
        exchange.flushCredit();
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        ask();
    }

    @Override
    protected void hookOnNext(Object piece) {
        ByteBuf chunk = piece instanceof ByteBufHolder holder ? holder.content() : (ByteBuf) piece;
        unread += chunk.readableBytes();
        owesRequest = true;
        exchange.requestData(chunk.retain()); // the server releases what it has emitted
        askForMore();
    }

    @Override
    protected void hookOnComplete() {
        exchange.requestEnd();
    }

    @Override
    protected void hookOnError(Throwable error) {
        if (error instanceof AbortedException || error instanceof IOException) {
            exchange.lost("client: connection or stream closed", error);
        } else if (error instanceof Http2Exception) { // the stream is reset for it
            exchange.lost("request body: malformed", error);
        } else if (error instanceof ChannelException) { // the read or request timeout of the server
            exchange.requestBroken(ClientException.stalled());
        } else {
            exchange.requestBroken(ClientException.malformed("request body: malformed", error));
        }
    }
}
