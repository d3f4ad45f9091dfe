package io.headgate.rpc.local;

import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Two connections that are the two sides of one, in this process and without frames: what one calls, the other answers. Servers
 * and clients of {@code io.headgate.rpc.net} make such pairs for addresses that begin with {@code local:}.
 *
 * <p>Everything else is as on a network: errors arrive masked and as those of the other side, cancelling crosses, demand
 * crosses, deadlines end calls on both sides, the limits of either side hold, and both are drained and closed together.
 * Attributes and the context of Reactor do not cross. Buffers cross by reference: their ownership passes with them, and none
 * is copied or held.
 *
 * <p><b>Threading.</b> There is no event loop: a handler is called on the thread that calls, and everything is emitted on the
 * thread that the other side emits on. Deadlines and the end of a grace come from the timers.
 *
 * <p>There is nothing to be heard of or to be silent about, so heartbeats, silence, handshake and windows do not apply, and
 * statistics count no bytes. Calls that make no progress are not cut.
 */
public final class InProcess {

    private final RpcConnection initiator;
    private final RpcConnection acceptor;

    private InProcess(RpcConnection initiator, RpcConnection acceptor) {
        this.initiator = initiator;
        this.acceptor = acceptor;
    }

    /**
     * Connects two sides.
     *
     * @param initiator what the one side answers and limits
     * @param acceptor what the other side answers and limits
     * @return both, open
     */
    public static InProcess connect(RpcSpec initiator, RpcSpec acceptor) {
        Objects.requireNonNull(initiator, "initiator");
        Objects.requireNonNull(acceptor, "acceptor");
        return connect(connection -> initiator, connection -> acceptor);
    }

    /**
     * Connects two sides whose handlers call back.
     *
     * @param initiator given the connection of the one side, tells what it answers and limits
     * @param acceptor given the connection of the other side, tells what it answers and limits
     * @return both, open
     */
    public static InProcess connect(
            Function<? super RpcConnection, RpcSpec> initiator, Function<? super RpcConnection, RpcSpec> acceptor) {
        return connect(initiator, acceptor, Schedulers.parallel());
    }

    /**
     * Connects two sides whose handlers call back.
     *
     * @param initiator given the connection of the one side, tells what it answers and limits
     * @param acceptor given the connection of the other side, tells what it answers and limits
     * @param timers where deadlines and the end of a grace are looked at
     * @return both, open
     */
    public static InProcess connect(
            Function<? super RpcConnection, RpcSpec> initiator,
            Function<? super RpcConnection, RpcSpec> acceptor,
            Scheduler timers) {
        Link link = new Link(initiator, acceptor, Objects.requireNonNull(timers, "timers"));
        return new InProcess(link.initiator(), link.acceptor());
    }

    /**
     * The one side.
     *
     * @return calls the acceptor
     */
    public RpcConnection initiator() {
        return initiator;
    }

    /**
     * The other side.
     *
     * @return calls the initiator
     */
    public RpcConnection acceptor() {
        return acceptor;
    }

    @Override
    public String toString() {
        return "in process: " + initiator + " and " + acceptor;
    }
}
