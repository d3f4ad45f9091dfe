package io.headgate.rpc.zrepl;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.ErrorText;
import io.headgate.rpc.internal.Faults;
import io.headgate.rpc.internal.Sources;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/** One call of the initiator, from its header to the last frame of both directions. */
final class IncomingCall implements CoreSubscriber<RpcReply>, BodyFeed.Owner, InboundBody.Owner {

    private final CallHeader header;
    private final Content accept;
    private final Server server;
    private final @Nullable InboundBody body;
    private final long began;
    private volatile @Nullable Subscription handler;

    // From here on for the thread of the connection alone.
    private @Nullable BodyFeed feed;
    private Content replied = Content.NONE;
    private int leftover;
    private boolean answering;
    private boolean answered; // to the last frame
    private boolean requestEnded;
    private boolean over;

    IncomingCall(CallHeader header, Content content, Content accept, Server server) {
        this.header = header;
        this.accept = accept;
        this.server = server;
        this.began = host().now();
        this.requestEnded = content == Content.NONE;
        int maxElement = content == Content.JSON ? host().settings().maxElement() : 0;
        this.body = requestEnded ? null : new InboundBody("request", header.endpoint(), maxElement, this);
    }

    @Override
    public String endpoint() {
        return header.endpoint();
    }

    void start(Service<RpcRequest, RpcReply> service, Content content) {
        host().watch().call(true, endpoint());
        RpcRequest request = new RpcRequest(
                endpoint(),
                Fields.empty(),
                content,
                accept,
                body == null ? Body.empty() : body,
                Deadline.NONE,
                Attributes.EMPTY);
        try {
            service.call(request).subscribe(this);
        } catch (Throwable e) { // what a handler throws fails its call and nothing else, whatever Reactor lets through
            threw(e);
        }
    }

    private void threw(Throwable thrown) {
        if (answering || over) {
            Sources.late(endpoint(), thrown);
        } else {
            refuse(thrown);
        }
    }

    // ---- the request

    boolean isReady() {
        return !requestEnded && body != null && body.isReady();
    }

    boolean waitsForPeer() {
        return isReady();
    }

    void data(ByteBuf part) {
        if (body == null) {
            throw new IllegalStateException("data without a body");
        }
        body.data(part);
    }

    void end() {
        requestEnded = true;
        if (body != null) {
            body.end();
        }
        overWhenDone();
    }

    @Override
    public void wanted() {
        host().ready();
    }

    @Override
    public void abandoned() {
        host().ready();
    }

    @Override
    public void dropped(int bytes) {
        leftover += bytes;
        if (leftover > host().settings().maxLeftover()) {
            host().fail(Ending.of(
                    Ending.Kind.ABORTED,
                    "request of " + endpoint() + ": nobody wants the rest, and it goes on (expected: at most "
                            + host().settings().maxLeftover() + " bytes)"));
        }
    }

    /** A handler whose reader threw answers nothing any more, or never ends its answer. */
    @Override
    public void consumerThrew(Throwable thrown) {
        stop();
        if (answered || over) {
            Sources.late(endpoint(), thrown);
        } else {
            failed(thrown);
        }
    }

    @Override
    public CallHost host() {
        return server.host();
    }

    // ---- the handler

    @Override
    public void onSubscribe(Subscription s) {
        if (Operators.validate(handler, s)) {
            handler = s;
            try {
                s.request(Long.MAX_VALUE);
            } catch (Throwable e) {
                host().run(() -> threw(e));
            }
        }
    }

    @Override
    public void onNext(RpcReply reply) {
        if (host().inLoop()) {
            answer(reply);
        } else {
            host().run(() -> answer(reply));
        }
    }

    @Override
    public void onError(Throwable error) {
        host().run(() -> refuse(error));
    }

    @Override
    public void onComplete() {
        if (host().inLoop()) {
            completed();
        } else {
            host().run(this::completed);
        }
    }

    private void completed() {
        if (!answering) {
            refuse(RpcException.of(
                    RpcStatus.INTERNAL, endpoint() + ": its handler completed without a reply (expected: one)"));
        }
    }

    private void answer(RpcReply reply) {
        if (answering || over) {
            reply.discard();
            return;
        }
        RpcException wrong = unfit(reply.content());
        if (wrong != null) {
            reply.discard();
            refuse(wrong);
            return;
        }
        answering = true;
        // What has no content is said in the words that the caller understands.
        replied = reply.content() == Content.NONE ? accept : reply.content();
        Body replyBody = reply.body();
        if (reply.content() == Content.NONE && accept != Content.NONE) {
            replyBody.discard();
            replyBody = Body.empty();
        }
        BodyFeed sending = new BodyFeed(replyBody, replied, host(), server.out(), this);
        feed = sending;
        sending.start();
        if (replied == Content.OCTETS && !sending.isDone() && !sending.hasBegun()) {
            host().later(() -> {
                if (!over && !sending.isDone()) {
                    sending.begin(); // a slow source: the caller gets the header before the first byte
                    host().flush();
                }
            });
        }
    }

    private @Nullable RpcException unfit(Content content) {
        if (content == Content.PROTOBUF) {
            return RpcException.of(
                    RpcStatus.INTERNAL,
                    "reply of " + endpoint() + ": PROTOBUF (expected: NONE, JSON or OCTETS; the wire of 2017 has no"
                            + " other)");
        }
        return content == accept || content == Content.NONE
                ? null
                : RpcException.of(
                        RpcStatus.INVALID_ARGUMENT,
                        "Accept: " + accept + " (expected: " + content + ", what " + endpoint() + " answers)");
    }

    // ---- the reply

    @Override
    public void begin() {
        server.out().head(CallHeader.reply(Statuses.toWire(replied)));
    }

    @Override
    public void sent() {
        host().flush();
        answered(RpcStatus.OK);
    }

    @Override
    public void failed(Throwable error) {
        if (feed != null && feed.hasBegun()) {
            RpcException known = Faults.toSend(endpoint(), error);
            host().fail(new Ending(
                    Ending.Kind.ABORTED,
                    "reply of " + endpoint() + ": its body failed amid a message, " + known.getMessage(),
                    error));
        } else {
            answering = false;
            refuse(error);
        }
    }

    /** Answers with an error, which is a header and nothing else. */
    private void refuse(Throwable error) {
        if (answering || over) {
            return;
        }
        answering = true;
        RpcException known = Faults.toSend(endpoint(), error);
        String text = known.getMessage() == null ? known.rpcStatus().name() : known.getMessage();
        int most = host().settings().maxErrorText();
        server.out().head(CallHeader.failure(Statuses.toWire(known.rpcStatus()), ErrorText.cut(text, most)));
        host().flush();
        if (body != null) {
            body.fail(RpcException.of(RpcStatus.CANCELLED, endpoint() + ": answered with an error"));
        }
        answered(known.rpcStatus());
    }

    private void answered(RpcStatus status) {
        answered = true;
        host().watch().callEnd(true, endpoint(), status, host().now() - began);
        if (body != null) {
            body.fail(RpcException.of(RpcStatus.CANCELLED, endpoint() + ": its reply has ended"));
        }
        overWhenDone();
        host().ready();
    }

    private void overWhenDone() {
        if (answered && requestEnded && !over) {
            over = true;
            server.over();
        }
    }

    void writable() {
        if (feed != null) {
            feed.resume();
        }
    }

    // ---- before its time

    /** No time is left. True when an error could still be said, and nothing else has to come or go. */
    boolean cut() {
        boolean clean = requestEnded && (feed == null || !feed.hasBegun());
        if (clean) {
            stop();
            answering = false;
            refuse(RpcException.of(RpcStatus.UNAVAILABLE, endpoint() + ": the server closes"));
        }
        return clean;
    }

    /** The connection has ended. */
    void lost(Ending ending) {
        over = true;
        if (body != null) { // first, so that who reads it learns why; and what nobody has taken is released
            body.fail(
                    requestEnded
                            ? Caller.gone(ending.detail())
                            : RpcException.of(
                                    RpcStatus.DATA_LOSS,
                                    "request of " + endpoint() + ": cut, " + ending.detail(),
                                    ending.cause()));
        }
        stop();
        if (!answered) {
            host().watch().callEnd(true, endpoint(), RpcStatus.CANCELLED, host().now() - began);
        }
    }

    private void stop() {
        Sources.cancel(endpoint(), handler);
        if (feed != null) {
            feed.cancel();
        }
    }
}
