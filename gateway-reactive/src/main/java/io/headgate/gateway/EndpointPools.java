package io.headgate.gateway;

import io.headgate.Service.Status;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.Pool;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.tls.internal.ClientContext;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** The pools of one endpoint, one for each event loop, made when first needed. */
final class EndpointPools implements Pool.Dialer {

    /** What a connection to an HTTP/2 upstream is expected to take at once, before its SETTINGS say so. */
    private static final int EXPECTED_STREAMS = 100;

    private final Endpoint endpoint;
    private final EventLoops loops;
    private final MuxSettings settings;
    private final AddressResolverGroup<InetSocketAddress> resolver;
    private final @Nullable ClientContext tls;
    private final @Nullable DialBackoff backoff;
    private final AtomicReferenceArray<@Nullable Pool> pools;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger full = new AtomicInteger(); // pools in which nobody may wait any more
    private final LongAdder dials = new LongAdder();
    private final LongAdder failedDials = new LongAdder();
    private final AtomicIntegerArray drained; // which loops have nothing left
    private final Consumer<EndpointPools> gone;

    /**
     * No connection yet.
     *
     * @param tls for an endpoint with a TLS name
     * @param backoff holds dials back after failures, or null to dial whenever somebody wants a connection
     * @param gone is told when the pools were closed and nothing is left in them
     */
    EndpointPools(
            Endpoint endpoint,
            EventLoops loops,
            MuxSettings settings,
            @Nullable ClientContext tls,
            AddressResolverGroup<InetSocketAddress> resolver,
            @Nullable DialBackoff backoff,
            Consumer<EndpointPools> gone) {
        this.endpoint = endpoint;
        this.loops = loops;
        this.settings = settings;
        this.resolver = resolver;
        this.tls = tls;
        this.backoff = backoff;
        this.gone = gone;
        this.pools = new AtomicReferenceArray<>(loops.loops().size());
        this.drained = new AtomicIntegerArray(loops.loops().size());
    }

    MuxSettings settings() {
        return settings;
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The pool of a loop; called on that loop. */
    Pool of(Loop loop) {
        Pool pool = pools.get(loop.index());
        if (pool == null) {
            pool = create(loop);
            pools.set(loop.index(), pool);
        }
        return pool;
    }

    private Pool create(Loop loop) {
        int share = Math.max(1, settings.maxConnections() / loops.loops().size());
        boolean multiplexed = endpoint.protocol() == Protocol.HTTP_2;
        return new Pool(loop, settings, this, share, multiplexed ? EXPECTED_STREAMS : 1);
    }

    /** Busy while nobody may wait, and while the endpoint cannot be connected to and is left alone for a time. */
    Status status() {
        return isLeftAlone() || full.get() > 0 ? Status.BUSY : Status.OPEN;
    }

    private boolean isLeftAlone() {
        return backoff != null && backoff.isWaiting() && connections.get() == 0;
    }

    @Override
    public @Nullable Throwable away() {
        return backoff != null && isLeftAlone() ? new LeftAloneException(endpoint, backoff.cause()) : null;
    }

    /** What all pools hold now; any thread may ask. */
    PoolStats stats() {
        int open = 0;
        int idle = 0;
        int exchanges = 0;
        int waiting = 0;
        int dialing = 0;
        for (int i = 0; i < pools.length(); i++) {
            Pool pool = pools.get(i);
            if (pool != null) {
                Pool.Figures figures = pool.figures();
                open += figures.connections();
                idle += figures.idle();
                exchanges += figures.exchanges();
                waiting += figures.waiting();
                dialing += figures.dialing();
            }
        }
        return new PoolStats(
                endpoint, open, idle, exchanges, waiting, dialing, dials.sum(), failedDials.sum(), isLeftAlone());
    }

    @Override
    public void dial(Pool pool) {
        // Somebody who answers on other connections is there; only this one was too many.
        if (backoff != null && connections.get() == 0 && !backoff.permits()) {
            pool.dialFailed(new LeftAloneException(endpoint, backoff.cause())); // another loop was quicker
            return;
        }
        dials.increment();
        Bootstrap client = new Bootstrap();
        loops.channels().tuning().forEach(client::option);
        client.group(pool.loop().executor())
                .channelFactory(loops.channels().sockets())
                .resolver(resolver)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(settings.connect().toMillis()))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, Gateway.WATER_MARK);
        new Dial(endpoint, pool, tls, loops.connections(), this::dialFailed).start(client);
    }

    private void dialFailed(Throwable cause) {
        failedDials.increment();
        if (backoff != null) {
            backoff.failed(cause);
        }
    }

    @Override
    public void connections(int change) {
        connections.addAndGet(change);
        if (backoff != null && change > 0) {
            backoff.succeeded();
        }
    }

    @Override
    public void full(boolean is) {
        full.addAndGet(is ? 1 : -1);
    }

    /** Closes the pools, each on its loop: exchanges that are open may finish within the grace. */
    Mono<Void> closeAsync(Duration grace) {
        return Mono.when(loops.loops().stream()
                .map(loop -> Mono.<Void>create(sink -> {
                    if (!loop.run(() -> close(of(loop), grace, sink))) {
                        closed(loop, sink); // the loop has ended, its connections with it
                    }
                }))
                .toList());
    }

    private void close(Pool pool, Duration grace, MonoSink<Void> sink) {
        Future<?> cut = pool.loop().executor().schedule(pool::cut, grace.toNanos(), TimeUnit.NANOSECONDS);
        pool.drain(() -> {
            cut.cancel(false);
            closed(pool.loop(), sink);
        });
    }

    private void closed(Loop loop, MonoSink<Void> sink) {
        if (drained.getAndSet(loop.index(), 1) == 0 && areAllDrained()) {
            gone.accept(this);
        }
        sink.success();
    }

    private boolean areAllDrained() {
        for (int i = 0; i < drained.length(); i++) {
            if (drained.get(i) == 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }

    /** Nobody has tried. */
    private static final class LeftAloneException extends IOException {

        private static final long serialVersionUID = 1L;

        LeftAloneException(Endpoint endpoint, @Nullable Throwable cause) {
            super("no connection to " + endpoint + ": left alone for a while after a failure", cause);
        }

        /** Says nothing, and there may be many. */
        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
