package io.headgate.rpc;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/** Ends event loops under connections that are in use. */
public final class LoopEnd {

    private static final int QUIET_MILLIS = 50;

    private LoopEnd() {}

    /**
     * Ends them; their channels are closed then. Without a quiet time that may be left out: Netty 4.2 looks first whether to close
     * them, then runs tasks, and then whether to end, which somebody may have said in between.
     */
    public static void amidWork(EventLoopGroup loops) {
        loops.shutdownGracefully(QUIET_MILLIS, 5000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
