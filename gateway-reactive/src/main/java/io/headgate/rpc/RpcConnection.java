package io.headgate.rpc;

import io.headgate.Service;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One side of an established connection. As a service it calls the other side; what the other side calls goes to the handler
 * that the connection was made with. Who opened the connection does not matter for either.
 *
 * <p><b>Threading.</b> Any thread may call. Handlers are called, and replies and bodies are emitted, on the event loop of the
 * connection, so neither may block. Where both sides are in one process and no bytes are spoken there is no event loop:
 * handlers are called on the thread that calls, and everything is emitted on the thread that the other side emits on.
 *
 * <p><b>Cancellation.</b> Cancelling a call, or the body of its reply, tells the other side, where the handler's publisher is
 * cancelled. Nothing else on the connection is touched, unless its {@link Dialect} has no word for it.
 *
 * <p><b>Errors.</b> Calls fail with an {@link RpcException}: those that were certainly not processed have the trait
 * RETRYABLE, and those whose connection is lost are {@link RpcStatus#UNAVAILABLE}.
 */
public interface RpcConnection extends Service<RpcRequest, RpcReply> {

    /**
     * The end of the handshake.
     *
     * @return completes when calls can be made; fails with an {@link RpcException} when the connection ended before
     */
    Mono<Void> opened();

    /**
     * The end of the connection.
     *
     * @return how it ended, when it has; never fails. Cancelling it does nothing to the connection
     */
    Mono<Ending> closed();

    /**
     * Ends the connection layer by layer: refuses new calls on both sides, lets those in flight finish, says goodbye, and waits
     * until the other side has said it, too. What is not done in time is cut.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when the connection is closed, however it came to that; {@link #closed} says how
     */
    @Override
    Mono<Void> closeAsync(Duration grace);

    /**
     * Cuts the connection at once. The other side is told why where that takes no waiting; calls in flight fail.
     *
     * @param reason for the other side and for {@link #closed}
     */
    void abort(String reason);

    /**
     * What the connection does, at the time of asking.
     *
     * @return figures that are read without stopping anything
     */
    RpcStats stats();

    /**
     * Where the other side is.
     *
     * @return its address, or null in process
     */
    @Nullable SocketAddress remoteAddress();
}
