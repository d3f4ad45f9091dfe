package io.headgate.rpc.zrepl;

import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.NestedFlush;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What users see of a connection; what it does is in {@link Wire}. */
final class ZreplConnection implements RpcConnection {

    private final Wire wire;
    private final Side side;
    private final Sinks.Empty<Void> opened = Sinks.empty();
    private final Sinks.One<Ending> closed = Sinks.one();

    private ZreplConnection(Channel channel, Side side, RpcSpec spec) {
        this.side = side;
        this.wire = new Wire(channel, side, spec, this);
    }

    static ZreplConnection start(Channel channel, Side side, RpcSpec spec) {
        ZreplConnection connection = new ZreplConnection(channel, side, spec);
        NestedFlush.install(channel);
        channel.pipeline().addLast(connection.wire);
        channel.closeFuture().addListener(closing -> connection.wire.channelClosed());
        return connection;
    }

    void tellOpened() {
        opened.tryEmitEmpty();
    }

    void tellEnded(Ending ending) {
        opened.tryEmitError(RpcException.of(RpcStatus.UNAVAILABLE, "connection: " + ending.detail(), ending.cause()));
        closed.tryEmitValue(ending);
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super RpcReply> actual) {
                Caller caller = wire.caller();
                if (caller == null) {
                    refuse(request, actual);
                } else {
                    actual.onSubscribe(new OutgoingCall(request, actual, caller));
                }
            }
        };
    }

    private void refuse(RpcRequest request, CoreSubscriber<? super RpcReply> actual) {
        request.body().discard();
        Mono.<RpcReply>error(RpcException.refused(
                        RpcStatus.UNIMPLEMENTED,
                        "call of " + request.endpoint() + " by the " + side
                                + " (expected: the INITIATOR; on the wire of 2017 the acceptor only answers)"))
                .subscribe(actual);
    }

    @Override
    public Status status() {
        if (wire.caller() == null) {
            return Status.CLOSED;
        }
        return switch (wire.phase()) {
            case OPENING, OPEN -> Status.OPEN;
            default -> Status.CLOSED;
        };
    }

    @Override
    public Mono<Void> opened() {
        return opened.asMono();
    }

    @Override
    public Mono<Ending> closed() {
        return closed.asMono();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return closed.asMono()
                .doOnSubscribe(subscribed -> wire.run(() -> wire.close(grace)))
                .then();
    }

    @Override
    public void abort(String reason) {
        wire.run(() -> wire.abort(reason));
    }

    @Override
    public RpcStats stats() {
        return wire.stats();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return wire.remoteAddress();
    }

    @Override
    public String toString() {
        return "zrepl " + side + " " + remoteAddress();
    }
}
