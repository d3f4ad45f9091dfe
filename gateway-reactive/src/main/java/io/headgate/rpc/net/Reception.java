package io.headgate.rpc.net;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.local.InProcess;
import io.headgate.rpc.net.Introduction.HandedOver;
import io.headgate.rpc.net.Introduction.Refused;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's end of an {@link Introduction}. Client and server get the two sides of a connection, which passes objects, or where a
 * dialect needs its bytes these. The channel of the introduction is closed by the client, with the thread that it has had for it.
 */
final class Reception extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private final Guests guests;

    Reception(Guests guests) {
        this.guests = guests;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof Introduction introduction)) {
            ReferenceCountUtil.release(message);
            guests.stranger(ctx.channel(), "no introduction (expected: a client of this library)");
            ctx.close();
            return;
        }
        ctx.pipeline().remove(this);
        Dialect dialect = dialectOf(introduction);
        if (dialect == null) {
            refuse(ctx.channel(), introduction);
        } else if (dialect.needsBytes() || introduction.dialect().needsBytes()) {
            speak(ctx.channel(), dialect, introduction);
        } else {
            handOver(ctx.channel(), dialect, introduction);
        }
    }

    private void speak(Channel channel, Dialect dialect, Introduction introduction) {
        PipeChannel.Ends ends = PipeChannel.create();
        RpcConnection initiator =
                introduction.dialect().connect(ends.near(), Dialect.Side.INITIATOR, introduction.rpc());
        RpcConnection acceptor =
                guests.known(channel, dialect, null, rpc -> dialect.connect(ends.far(), Dialect.Side.ACCEPTOR, rpc));
        ends.open(channel.eventLoop());
        answer(channel, initiator, acceptor);
    }

    private @Nullable Dialect dialectOf(Introduction introduction) {
        String name = introduction.dialect().name();
        return guests.spec().dialects().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private void refuse(Channel channel, Introduction introduction) {
        String known = guests.spec().dialects().stream().map(Dialect::name).collect(Collectors.joining(", "));
        String why = "dialect: " + introduction.dialect().name() + " (expected: " + known + ")";
        guests.stranger(channel, why);
        send(channel, new Refused(why));
    }

    private void handOver(Channel channel, Dialect dialect, Introduction introduction) {
        RpcConnection[] initiator = new RpcConnection[1];
        RpcConnection acceptor = guests.known(channel, dialect, null, rpc -> {
            InProcess pair = InProcess.connect(introduction.rpc(), rpc);
            initiator[0] = pair.initiator();
            return pair.acceptor();
        });
        if (acceptor.status() == RpcConnection.Status.CLOSED) {
            send(channel, new Refused("the server let it go"));
            return;
        }
        answer(channel, initiator[0], acceptor);
    }

    private void answer(Channel channel, RpcConnection initiator, RpcConnection acceptor) {
        HandedOver answer = new HandedOver(initiator);
        guests.staysWithout(channel);
        channel.closeFuture().addListener(closed -> {
            if (!answer.isTaken()) {
                acceptor.abort("its client is gone");
            }
        });
        channel.writeAndFlush(answer);
    }

    private static void send(Channel channel, Refused refusal) {
        channel.writeAndFlush(refusal).addListener(written -> channel.close());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("client {} failed before it was introduced", ctx.channel(), cause);
        ctx.close();
    }
}
