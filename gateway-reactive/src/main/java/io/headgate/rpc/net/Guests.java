package io.headgate.rpc.net;

import io.headgate.http.TlsInfo;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.tls.internal.ServerContexts;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The clients of one server, from accept to the end of their connections. */
final class Guests {

    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);

    private final RpcServerSpec spec;
    private final @Nullable ServerContexts tls;
    private final Map<Channel, Guest> present = new ConcurrentHashMap<>();
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
        Guest guest = new Guest();
        channel.closeFuture().addListener(closed -> {
            RpcConnection staying = guest.staysWithoutChannel ? guest.connection : null;
            if (staying == null) {
                left(channel, guest);
            } else {
                staying.closed().subscribe(ending -> left(channel, guest));
            }
        });
        if (number > spec.maxConnections()) {
            refused.increment();
            LOG.debug("client refused, {} are connected: {}", spec.maxConnections(), channel);
            channel.close();
            return;
        }
        accepted.increment();
        present.put(channel, guest);
        if (closing) {
            channel.close();
            return;
        }
        Options.keepAlive(channel);
        Options.fit(channel, spec.address().scheme());
        if (spec.address().scheme() == RpcAddress.Scheme.LOCAL) {
            channel.pipeline().addFirst(new Reception(this));
        } else {
            FirstByte.install(channel, this, tls);
        }
    }

    private void left(Channel channel, Guest guest) {
        present.remove(channel);
        count.decrementAndGet();
        guest.gone.tryEmitEmpty();
        runWhenGone();
    }

    /** The connection of a client goes on when its channel closes. Called on the event loop of the channel. */
    void staysWithout(Channel channel) {
        Guest guest = present.get(channel);
        if (guest != null) {
            guest.staysWithoutChannel = true;
        }
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
        known(channel, dialect, agreed, rpc -> dialect.connect(channel, Dialect.Side.ACCEPTOR, rpc));
    }

    /** The same for one whose connection is made in another way; it may have been let go already. */
    RpcConnection known(
            Channel channel, Dialect dialect, @Nullable TlsInfo agreed, Function<RpcSpec, RpcConnection> connecting) {
        var handlers = spec.handlers();
        if (handlers == null) {
            return keep(channel, connecting.apply(spec.rpc()));
        }
        ArrivalHandler handler = new ArrivalHandler();
        RpcConnection connection = connecting.apply(spec.rpc().withHandler(handler));
        try {
            handler.answerWith(handlers.apply(new RpcArrival(connection, dialect, agreed)));
            keep(channel, connection);
        } catch (RuntimeException e) {
            LOG.warn("no handler for a client, which is let go: {}", channel, e);
            connection.abort("no handler");
        }
        return connection;
    }

    private RpcConnection keep(Channel channel, RpcConnection connection) {
        Guest guest = present.get(channel);
        if (guest != null) {
            guest.connection = connection;
        }
        if (closing) {
            connection.closeAsync(Duration.ZERO).subscribe();
        }
        return connection;
    }

    /** Somebody spoke no dialect, or nothing in time. */
    void stranger(Channel channel, String why) {
        strangers.increment();
        LOG.debug("client speaks no dialect: {}: {}", channel, why);
    }

    List<RpcConnection> connections() {
        List<RpcConnection> all = new ArrayList<>();
        present.values().forEach(guest -> {
            RpcConnection connection = guest.connection;
            if (connection != null) {
                all.add(connection);
            }
        });
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
            RpcConnection connection = guest.connection;
            leaving.add(connection != null ? connection.closeAsync(grace) : Mono.fromRunnable(channel::close));
            leaving.add(guest.gone.asMono());
        });
        return Mono.whenDelayError(leaving);
    }

    /** One client, from accept on. */
    private static final class Guest {

        private final Sinks.Empty<Void> gone = Sinks.empty();
        private volatile @Nullable RpcConnection connection; // null: dialect not known yet
        private volatile boolean staysWithoutChannel;
    }
}
