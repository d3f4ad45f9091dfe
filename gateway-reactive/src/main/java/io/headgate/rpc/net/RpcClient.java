package io.headgate.rpc.net;

import io.headgate.Service;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.tls.internal.ClientContext;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Calls over one connection that is made when it is needed, shared by all calls, and made again after it has ended.
 *
 * <p>A call without a connection waits for the attempt that is under way, within its deadline. After an attempt that failed, or a
 * connection that did not last a second, calls are refused unprocessed until the {@link RpcClientSpec#backoff} is over:
 * they may be retried here later, or elsewhere at once. A call that is in flight when the connection is lost fails, and is not made
 * again: only its caller knows whether it may be.
 *
 * <p><b>Threading.</b> Any thread may call. While there is a connection, a call costs two volatile reads more than one of the
 * connection; there is no lock.
 *
 * <p><b>Cancellation.</b> Cancelling a call that waits for the connection leaves the attempt to the next call.
 *
 * <p><b>Errors.</b> As {@link RpcConnection}; without a connection {@link RpcStatus#UNAVAILABLE} with the trait RETRYABLE and a
 * message that names the address and the cause.
 */
public final class RpcClient implements Service<RpcRequest, RpcReply> {

    private final RpcClientSpec spec;
    private final ClientContext.@Nullable Shared tls;
    private final Redial redial; // guarded by this
    private final Set<RpcConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile @Nullable RpcConnection open;
    private volatile boolean closed;
    private @Nullable Mono<RpcConnection> dialling; // guarded by this

    private RpcClient(RpcClientSpec spec) {
        this.spec = Objects.requireNonNull(spec, "spec");
        this.tls = tlsOf(spec);
        this.redial = new Redial(
                spec.backoff(),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * A client that has no connection yet.
     *
     * @param spec what it is to be
     * @return the client
     */
    public static RpcClient of(RpcClientSpec spec) {
        return new RpcClient(spec);
    }

    /**
     * One connection, which is the caller's.
     *
     * @param spec what it is to be; its backoff is not used
     * @return the connection, once calls can be made; each subscription makes one. Fails with an {@link RpcException} that
     *     names the address and the cause. Cancelling it before cuts the attempt
     */
    public static Mono<RpcConnection> connect(RpcClientSpec spec) {
        return Dial.of(spec, tlsOf(spec));
    }

    private static ClientContext.@Nullable Shared tlsOf(RpcClientSpec spec) {
        return spec.address().scheme() == RpcAddress.Scheme.TLS
                ? new ClientContext.Shared(spec.tls(), Dial.PROTOCOL)
                : null;
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        RpcConnection now = open;
        return now != null && now.status() != Status.CLOSED ? now.call(request) : Mono.defer(() -> whenOpen(request));
    }

    private Mono<RpcReply> whenOpen(RpcRequest request) {
        Mono<RpcConnection> connection = connection();
        if (!request.deadline().isNone()) {
            Duration left = Duration.ofNanos(Math.max(0, request.deadline().remainingNanos()));
            connection = connection
                    .timeout(left)
                    .onErrorMap(
                            TimeoutException.class,
                            late -> RpcException.refused(
                                    RpcStatus.DEADLINE_EXCEEDED,
                                    request.endpoint() + ": no connection to " + spec.address() + " in time"));
        }
        return connection
                .doOnError(failure -> request.body().discard())
                .doOnCancel(request.body()::discard)
                .flatMap(made -> made.call(request));
    }

    /**
     * The connection: for what a service cannot say, such as statistics or its end.
     *
     * @return the one that is open, or else the next; fails as a call does. Cancelling it leaves the attempt to others
     */
    public Mono<RpcConnection> connection() {
        return Mono.defer(this::openOrDial);
    }

    private synchronized Mono<RpcConnection> openOrDial() {
        RpcConnection now = open;
        if (closed) {
            return refused("closed");
        }
        if (now != null && now.status() != Status.CLOSED) {
            return Mono.just(now);
        }
        if (dialling != null) {
            return dialling;
        }
        long wait = redial.left();
        if (wait > 0) {
            return refused(redial.cause() + "; next attempt in " + Math.max(1, wait / 1_000_000) + " ms");
        }
        dialling = Dial.of(spec, tls)
                .doOnNext(this::opened)
                .doOnError(this::failed)
                .cache();
        return dialling;
    }

    private Mono<RpcConnection> refused(String why) {
        return Mono.error(RpcException.refused(RpcStatus.UNAVAILABLE, spec.address() + ": " + why));
    }

    private void opened(RpcConnection made) {
        connections.add(made);
        long since;
        synchronized (this) {
            since = redial.now();
            open = made;
            dialling = null;
        }
        made.closed().subscribe(ending -> ended(made, ending, since));
        if (closed) {
            made.closeAsync(Duration.ZERO).subscribe();
        }
    }

    private synchronized void failed(Throwable failure) {
        dialling = null;
        String prefix = spec.address() + ": ";
        String message = String.valueOf(failure.getMessage());
        redial.failed(message.startsWith(prefix) ? message.substring(prefix.length()) : message);
    }

    private synchronized void ended(RpcConnection was, Ending ending, long since) {
        connections.remove(was);
        redial.ended(since, ending.detail());
        if (open == was) {
            open = null;
        }
    }

    @Override
    public Status status() {
        RpcConnection now = open;
        if (closed) {
            return Status.CLOSED;
        }
        if (now != null && now.status() != Status.CLOSED) {
            return now.status();
        }
        synchronized (this) {
            return dialling == null && redial.left() > 0 ? Status.BUSY : Status.OPEN;
        }
    }

    /**
     * Ends the client: refuses new calls, and ends its connections as {@link RpcConnection#closeAsync} does.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when no connection is left
     */
    @Override
    public Mono<Void> closeAsync(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        return Mono.defer(() -> {
            closed = true;
            return Mono.whenDelayError(List.copyOf(connections).stream()
                    .map(connection -> connection.closeAsync(grace))
                    .toList());
        });
    }

    @Override
    public String toString() {
        return "RPC client of " + spec.address() + ", " + spec.dialect().name();
    }
}
