package io.headgate.sync.source;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.headgate.resolve.LostStreamException;
import io.headgate.resolve.Recovery;
import io.headgate.resolve.SourceObserver;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.Outlet;
import io.headgate.tls.internal.ClientContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.netty.resources.LoopResources;

/** Follows etcd for one subscriber: one attempt after the other, each on a connection of its own. */
final class EtcdFollower implements Disposable {

    private static final Logger LOG = LoggerFactory.getLogger(EtcdFollower.class);

    /** Well above what etcd puts up with, which is 5 seconds. */
    private static final long KEEP_ALIVE_SECONDS = 20;

    private static final Duration LOOP_TIMEOUT = Duration.ofSeconds(5);

    private final EtcdSpec spec;
    private final String name;
    private final Scheduler timer;
    private final SourceObserver observer;
    private final LongAdder skipped;
    private final Outlet outlet;
    private final ClientContext.Shared tls;
    private final LoopResources loops = LoopResources.create("headgate-etcd", 1, true);
    private final Disposable.Swap attempts = Disposables.swap();

    // of the attempts, which come one after another
    private int endpoint;
    private int pageSize;

    EtcdFollower(
            EtcdSpec spec, String name, Scheduler timer, SourceObserver observer, LongAdder skipped, Outlet outlet) {
        this.spec = spec;
        this.name = name;
        this.timer = timer;
        this.observer = new Logged(observer);
        this.skipped = skipped;
        this.outlet = outlet;
        this.tls = new ClientContext.Shared(spec.tls(), ApplicationProtocolNames.HTTP_2);
        this.pageSize = spec.pageSize();
    }

    void begin() {
        attempts.update(Recovery.create()
                .withBackoff(spec.firstBackoff(), spec.longestBackoff())
                .withScheduler(timer)
                .withObserver(observer)
                .states(name, Flux.defer(this::attempt))
                .subscribe(current -> {}, outlet::fail));
    }

    /** What an attempt tells counts as success, and lets the backoff start over, only once it watches. */
    private Flux<SyncEvent> attempt() {
        URI target = spec.endpoints().get(endpoint);
        boolean[] watching = new boolean[1];
        return connected(target, channel -> new EtcdSession(channel, spec, pageSize, timer, skipped, outlet))
                .doOnNext(outlet::take)
                .filter(event -> watching[0] |= event instanceof SyncEvent.Heard)
                .concatWith(Flux.error(() -> new LostStreamException(name)))
                .doOnError(this::lost);
    }

    private Flux<SyncEvent> connected(URI target, Function<ManagedChannel, EtcdSession> session) {
        if (target.getScheme().equals("http")) {
            return over(target, null, session);
        }
        return tls.toHost(target.getHost(), target.getPort())
                .ready()
                .flatMapMany(context -> over(target, context, session));
    }

    private Flux<SyncEvent> over(
            URI target, @Nullable SslContext context, Function<ManagedChannel, EtcdSession> session) {
        return Flux.using(
                () -> open(target, context), channel -> session.apply(channel).events(), ManagedChannel::shutdownNow);
    }

    private ManagedChannel open(URI target, @Nullable SslContext context) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(target.getHost(), target.getPort())
                .eventLoopGroup(loops.onClient(false))
                .channelType(NioSocketChannel.class)
                .withOption(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(spec.timeout().toMillis()))
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(spec.timeout().toNanos(), TimeUnit.NANOSECONDS)
                .maxInboundMessageSize(spec.maxMessageBytes())
                .disableRetry()
                .directExecutor();
        if (context == null) {
            builder.usePlaintext();
        } else {
            builder.sslContext(context);
            String serverName = spec.tls().serverName();
            if (serverName != null) {
                builder.overrideAuthority(serverName);
            }
        }
        return builder.build();
    }

    private void lost(Throwable cause) {
        if (cause instanceof CompactedException) {
            return; // etcd is there, and is asked again
        }
        endpoint = (endpoint + 1) % spec.endpoints().size();
        if (Status.fromThrowable(cause).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
            pageSize = Math.max(1, pageSize / 2);
        }
        outlet.take(new SyncEvent.Status(SyncStatus.WAIT_FOR_DATASTORE));
    }

    @Override
    public void dispose() {
        attempts.dispose();
        loops.disposeLater(Duration.ZERO, LOOP_TIMEOUT).subscribe();
    }

    /** Says in the log when etcd goes and when it comes back. */
    private static final class Logged implements SourceObserver {

        private final SourceObserver told;
        private boolean isCurrent;
        private boolean isAway;

        Logged(SourceObserver told) {
            this.told = told;
        }

        @Override
        public void current(String name) {
            if (!isCurrent) {
                isCurrent = true;
                isAway = false;
                LOG.info("{}: current", name);
            }
            told.current(name);
        }

        @Override
        public void away(String name, Throwable cause) {
            if (!isAway) {
                isAway = true;
                isCurrent = false;
                LOG.warn("{}: away, what is known stays in force: {}", name, cause.toString());
            }
            told.away(name, cause);
        }

        @Override
        public void left(String name) {
            told.left(name);
        }
    }
}
