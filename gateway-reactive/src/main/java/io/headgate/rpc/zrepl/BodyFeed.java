package io.headgate.rpc.zrepl;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/**
 * From the publisher of a body to a data message. Octets are written as they come, and the publisher is asked for more as long
 * as the transport keeps up; a document is written when the publisher has completed, so that one that fails costs nothing.
 */
final class BodyFeed implements CoreSubscriber<ByteBuf>, Scannable {

    /** Is told on the thread of the connection. */
    interface Owner {

        /** Something is about to be written, once. */
        void begin();

        /** The message is written to its end. */
        void sent();

        /** The publisher failed, or broke its promise; nothing more is written. */
        void failed(Throwable error);

        /** What was called, for the log. */
        String endpoint();
    }

    /** How many elements the publisher may be ahead; two of them keep a publisher on another thread busy. */
    private static final int AHEAD = 2;

    /** After this many bytes others on the same thread get their turn. */
    private static final int TURN = 1 << 20;

    private static final byte[] NO_ELEMENT = "null".getBytes(StandardCharsets.US_ASCII);

    private final Body body;
    private final Content content;
    private final CallHost host;
    private final MessageWriter out;
    private final Owner owner;
    private volatile boolean cancelled;
    private volatile @Nullable Subscription subscription;

    // From here on for the thread of the connection alone.
    private @Nullable ByteBuf element;
    private boolean begun;
    private boolean done;
    private boolean asking;
    private boolean yielded;
    private int ahead;
    private int turn;
    private long delivered;

    BodyFeed(Body body, Content content, CallHost host, MessageWriter out, Owner owner) {
        this.body = body;
        this.content = content;
        this.host = host;
        this.out = out;
        this.owner = owner;
    }

    void start() {
        if (content == Content.NONE) {
            Sources.discard(owner.endpoint(), body);
            done = true;
            begin();
            owner.sent();
        } else {
            try {
                body.subscribe(this);
            } catch (Throwable e) {
                threw(e);
            }
        }
    }

    /** Writes the head now, although nothing of the body has come yet. */
    void begin() {
        if (!begun) {
            begun = true;
            owner.begin();
        }
    }

    boolean hasBegun() {
        return begun;
    }

    boolean isDone() {
        return done;
    }

    /** Nothing more is written, and the owner is told nothing more. */
    void cancel() {
        if (!done) {
            done = true;
            dropElement();
            stop();
        }
    }

    /** The transport takes more. */
    void resume() {
        yielded = false;
        turn = 0;
        askForMore();
    }

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.validate(subscription, s)) {
            subscription = s;
            if (cancelled) {
                s.cancel();
            } else if (content == Content.OCTETS) {
                askFirst();
            } else {
                ask(s, 2); // the second one would be an error
            }
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (host.inLoop()) {
            deliver(buffer);
        } else {
            host.run(() -> deliver(buffer));
        }
    }

    @Override
    public void onError(Throwable error) {
        host.run(() -> fail(error));
    }

    @Override
    public void onComplete() {
        if (host.inLoop()) {
            complete();
        } else {
            host.run(this::complete);
        }
    }

    private void askFirst() {
        if (host.inLoop()) {
            askForMore();
        } else {
            host.run(this::askForMore);
        }
    }

    private void deliver(ByteBuf buffer) {
        if (done) {
            buffer.release();
            return;
        }
        delivered += buffer.readableBytes();
        if (content != Content.OCTETS) {
            hold(buffer);
            return;
        }
        if (body.length() >= 0 && delivered > body.length()) {
            buffer.release();
            stop();
            fail(promise());
            return;
        }
        ahead--;
        turn += buffer.readableBytes();
        begin();
        out.data(buffer, false);
        host.flush();
        askForMore();
    }

    private void hold(ByteBuf buffer) {
        if (element == null) {
            element = buffer;
            return;
        }
        buffer.release();
        stop();
        fail(RpcException.of(
                RpcStatus.INVALID_ARGUMENT,
                "body: more than one element (expected: one; the wire of 2017 has no streams of documents)"));
    }

    private void askForMore() {
        Subscription source = subscription;
        if (asking || source == null || content != Content.OCTETS) {
            return;
        }
        asking = true;
        while (!done && !yielded && ahead < AHEAD && mayWrite()) {
            ahead++;
            ask(source, 1);
        }
        asking = false;
    }

    private void ask(Subscription source, long n) {
        try {
            source.request(n);
        } catch (Throwable e) {
            threw(e);
        }
    }

    /** A source that throws where it may only signal has failed, whatever Reactor lets through: others wait for this connection. */
    private void threw(Throwable error) {
        stop();
        host.run(() -> {
            if (done) {
                Sources.late(owner.endpoint(), error);
            } else {
                fail(error);
            }
        });
    }

    private boolean mayWrite() {
        if (turn >= TURN) {
            yielded = true;
            host.later(this::resume);
            return false;
        }
        if (!host.isWritable()) {
            host.flushNow();
        }
        return host.isWritable();
    }

    private void complete() {
        if (done) {
            return;
        }
        if (body.length() >= 0 && delivered != body.length()) {
            fail(promise());
            return;
        }
        done = true;
        begin();
        if (content == Content.OCTETS) {
            out.end();
        } else {
            out.data(document(), true);
        }
        owner.sent();
    }

    /** The element without blanks at its end: the original leaves what is behind a document on the wire, and is lost then. */
    private ByteBuf document() {
        ByteBuf text = element;
        element = null;
        if (text == null) {
            return Unpooled.wrappedBuffer(NO_ELEMENT);
        }
        int end = text.writerIndex();
        while (end > text.readerIndex() && text.getByte(end - 1) <= ' ' && text.getByte(end - 1) > 0) {
            end--;
        }
        return end == text.writerIndex() ? text : text.slice(text.readerIndex(), end - text.readerIndex());
    }

    private IllegalStateException promise() {
        return new IllegalStateException(
                "body: " + delivered + " bytes (expected: the " + body.length() + " that were promised)");
    }

    private void fail(Throwable error) {
        if (!done) {
            done = true;
            dropElement();
            owner.failed(error);
        }
    }

    private void stop() {
        cancelled = true;
        Sources.cancel(owner.endpoint(), subscription);
    }

    private void dropElement() {
        if (element != null) {
            element.release();
            element = null;
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return subscription;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        return key == Attr.TERMINATED ? done : null;
    }
}
