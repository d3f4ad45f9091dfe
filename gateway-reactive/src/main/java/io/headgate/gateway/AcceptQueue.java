package io.headgate.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Closes a listening socket when nobody waits in its queue: the kernel resets connections that it has accepted and nobody
 * has taken over. A connection that comes between the last look and the close is still lost.
 */
final class AcceptQueue extends ChannelInboundHandlerAdapter {

    /** Longer than a turn of an event loop that is not overloaded, so that the queue is looked at in between. */
    private static final long ROUND_MILLIS = 5;

    /** For clients that connect all the time: somebody has to be refused. */
    private static final int MOST_ROUNDS = 20;

    private final Channel server;
    private boolean accepted;
    private int rounds;

    private AcceptQueue(Channel server) {
        this.server = server;
    }

    /** Closes soon; called on the event loop of the channel. */
    static void close(Channel server) {
        AcceptQueue queue = new AcceptQueue(server);
        server.pipeline().addFirst(queue);
        queue.lookSoon();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object connection) {
        accepted = true;
        ctx.fireChannelRead(connection);
    }

    private void lookSoon() {
        server.eventLoop().schedule(this::look, ROUND_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (accepted && ++rounds < MOST_ROUNDS) {
            accepted = false;
            lookSoon();
        } else {
            server.close();
        }
    }
}
