package io.headgate.rpc.net;

import io.headgate.http.TlsInfo;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.tls.internal.ServerContexts;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** The clients of one server, from accept to the close of their channels. */
final class Guests {

    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);

    private final RpcServerSpec spec;
    private final @Nullable ServerContexts tls;
    private final Map<Channel, Optional<RpcConnection>> present =
            new ConcurrentHashMap<>(); // empty: dialect not known yet
    private final AtomicInteger count = new AtomicInteger();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder strangers = new LongAdder();
    private volatile boolean closing;
    private volatile @Nullable Runnable last;

    Guests(RpcServerSpec spec, @Nullable ServerContexts tls) {
        this.spec = spec;
        this.tls = tls;
    }

    RpcServerSpec spec() {
        return spec;
    }

    /** Somebody has come. Called on the event loop of the channel, before it is active. */
    void arrived(Channel channel) {
        int number = count.incrementAndGet();
        channel.closeFuture().addListener(closed -> {
            present.remove(channel);
            count.decrementAndGet();
            runWhenGone();
        });
        if (number > spec.maxConnections()) {
            refused.increment();
            LOG.debug("client refused, {} are connected: {}", spec.maxConnections(), channel);
            channel.close();
            return;
        }
        accepted.increment();
        present.put(channel, Optional.empty());
        if (closing) {
            channel.close();
            return;
        }
        Options.keepAlive(channel);
        FirstByte.install(channel, this, tls);
    }

    /** Nobody can come any more. Runs something when the last one has gone, perhaps more than once. */
    void whenGone(Runnable task) {
        last = task;
        runWhenGone();
    }

    private void runWhenGone() {
        Runnable task = last;
        if (task != null && count.get() == 0) {
            task.run();
        }
    }

    /** The dialect of a client is known. Called on its event loop; what it has sent is passed on afterwards. */
    void known(Channel channel, Dialect dialect, @Nullable TlsInfo agreed) {
        var handlers = spec.handlers();
        if (handlers == null) {
            keep(channel, dialect.connect(channel, Dialect.Side.ACCEPTOR, spec.rpc()));
            return;
        }
        ArrivalHandler handler = new ArrivalHandler();
        RpcConnection connection =
                dialect.connect(channel, Dialect.Side.ACCEPTOR, spec.rpc().withHandler(handler));
        try {
            handler.answerWith(handlers.apply(new RpcArrival(connection, dialect, agreed)));
            keep(channel, connection);
        } catch (RuntimeException e) {
            LOG.warn("no handler for a client, which is let go: {}", channel, e);
            connection.abort("no handler");
        }
    }

    private void keep(Channel channel, RpcConnection connection) {
        present.computeIfPresent(channel, (same, before) -> Optional.of(connection));
        if (closing) {
            connection.closeAsync(Duration.ZERO).subscribe();
        }
    }

    /** Somebody spoke no dialect, or nothing in time. */
    void stranger(Channel channel, String why) {
        strangers.increment();
        LOG.debug("client speaks no dialect: {}: {}", channel, why);
    }

    List<RpcConnection> connections() {
        List<RpcConnection> all = new ArrayList<>();
        present.values().forEach(guest -> guest.ifPresent(all::add));
        return List.copyOf(all);
    }

    RpcServerStats stats(boolean listening) {
        int incoming = 0;
        int outgoing = 0;
        for (RpcConnection connection : connections()) {
            var stats = connection.stats();
            incoming += stats.incoming();
            outgoing += stats.outgoing();
        }
        return new RpcServerStats(
                listening,
                present.size(),
                incoming,
                outgoing,
                accepted.sum(),
                refused.sum(),
                strangers.sum(),
                tls == null ? 0 : tls.failedHandshakes().sum());
    }

    /** Completes when nobody is left. */
    Mono<Void> closeAsync(Duration grace) {
        closing = true;
        List<Mono<Void>> leaving = new ArrayList<>();
        present.forEach((channel, guest) -> {
            leaving.add(guest.map(connection -> connection.closeAsync(grace))
                    .orElseGet(() -> Mono.fromRunnable(channel::close)));
            leaving.add(Mono.create(sink -> channel.closeFuture().addListener(closed -> sink.success())));
        });
        return Mono.whenDelayError(leaving);
    }
}
