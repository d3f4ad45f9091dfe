package io.headgate.gateway;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.Fronts;
import io.headgate.mux.internal.Gauge;
import io.headgate.mux.internal.Loop;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update;
import io.headgate.tls.ClientTls;
import io.headgate.tls.ServerTls;
import io.headgate.tls.internal.ServerContexts;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A gateway: event loops, the upstream connections on them, and the ports that are open. It is the place to start:
 *
 * <pre>{@code
 * Gateway gateway = Gateway.create();
 * Upstream orders = gateway.upstream("http://127.0.0.1:9000");
 * Listener listener = gateway.listen("127.0.0.1", 8080, orders).block();
 * }</pre>
 *
 * <p>A listener takes any {@code Service<HttpExchange, HttpReply>}: an {@link Upstream}, a lambda that chooses among several,
 * or a {@link io.headgate.Stack} of stages above one. One port speaks HTTP/1.1 and HTTP/2 with prior knowledge, told apart
 * by the first bytes; with {@link ListenerSpec#withTls TLS} the client chooses by ALPN.
 *
 * <p><b>Threading.</b> Any thread may call; nothing here blocks. Exchanges run on the event loop that
 * accepted their connection, from end to end.
 *
 * <p>Event loops keep the process alive until the gateway is closed.
 */
public final class Gateway implements Disposable {

    /** Bytes that wait in a socket: above the upper mark the other side is made to wait until the lower one. */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 128 * 1024);

    private final GatewaySpec spec;
    private final EventLoops loops;
    private final DnsAddressResolverGroup resolver;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private final Set<Service<HttpExchange, HttpReply>> upstreams = ConcurrentHashMap.newKeySet();
    private final Set<EndpointPools> pools = ConcurrentHashMap.newKeySet();
    private final GatewayDrain drain;

    private Gateway(GatewaySpec spec) {
        this.spec = spec;
        this.loops = new EventLoops(
                spec.transport(),
                spec.eventLoops(),
                spec.settings().tick(),
                spec.limitObserver(),
                spec.connectionObserver());
        this.resolver = new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelFactory(loops.channels().datagrams()));
        this.drain = new GatewayDrain(listeners, upstreams, this::shutdown);
    }

    /**
     * A gateway with default settings.
     *
     * @return the gateway, running
     */
    public static Gateway create() {
        return create(GatewaySpec.DEFAULTS);
    }

    /**
     * A gateway.
     *
     * @param spec how it runs
     * @return the gateway, running
     * @throws IllegalStateException when the transport is not available on this machine
     */
    public static Gateway create(GatewaySpec spec) {
        return new Gateway(Objects.requireNonNull(spec, "spec"));
    }

    /**
     * A service that sends exchanges to an upstream. Connections are made when they are needed.
     *
     * @param urls its endpoints: {@code http://host:port} for HTTP/1.1, {@code h2c://host:port} for HTTP/2 with prior
     *     knowledge, {@code https://host:port} and {@code h2://host:port} for the same by TLS with the
     *     {@linkplain ClientTls#DEFAULTS defaults}; at least one, and with several they take turns
     * @return the service
     * @throws IllegalArgumentException when a URL is not of that form; the message names it
     */
    public Upstream upstream(String... urls) {
        return upstream(spec.settings(), urls);
    }

    /**
     * A service that sends exchanges to an upstream, with timeouts and limits of its own.
     *
     * @param settings timeouts and limits
     * @param urls its endpoints, as for {@link #upstream(String...)}
     * @return the service
     * @throws IllegalArgumentException when a URL is not of that form; the message names it
     */
    public Upstream upstream(MuxSettings settings, String... urls) {
        return upstream(settings, ClientTls.DEFAULTS, parsed(urls));
    }

    /**
     * A service that sends exchanges to an upstream by TLS.
     *
     * @param settings timeouts and limits
     * @param tls whom to trust, and what to show
     * @param urls its endpoints, {@code https://host:port} for HTTP/1.1 or {@code h2://host:port} for HTTP/2, which the
     *     upstream must select by ALPN; at least one, and with several they take turns
     * @return the service
     * @throws IllegalArgumentException when a URL is not of that form, cleartext included; the message names it
     */
    public Upstream upstream(MuxSettings settings, ClientTls tls, String... urls) {
        List<Endpoint> endpoints = parsed(urls);
        for (Endpoint endpoint : endpoints) {
            if (endpoint.tls() == null) {
                throw new IllegalArgumentException(
                        "upstream: " + endpoint + " (expected: https:// or h2://, for which the TLS is)");
            }
        }
        return upstream(settings, Objects.requireNonNull(tls, "tls"), endpoints);
    }

    /**
     * A service that sends exchanges to an upstream by TLS, with the settings of the gateway.
     *
     * @param tls whom to trust, and what to show
     * @param urls its endpoints, as for {@link #upstream(MuxSettings, ClientTls, String...)}
     * @return the service
     * @throws IllegalArgumentException when a URL is not of that form, cleartext included; the message names it
     */
    public Upstream upstream(ClientTls tls, String... urls) {
        return upstream(spec.settings(), tls, urls);
    }

    private static List<Endpoint> parsed(String... urls) {
        if (urls.length == 0) {
            throw new IllegalArgumentException("urls: none (expected: at least one)");
        }
        return Stream.of(urls).map(EndpointUrl::parse).toList();
    }

    private Upstream upstream(MuxSettings settings, ClientTls tls, List<Endpoint> parsed) {
        Endpoints maker = new Endpoints(loops, resolver, upstreams, pools, settings, tls);
        List<EndpointPools> endpoints = parsed.stream().map(maker::ofUrl).toList();
        Upstream upstream = new Upstream(loops, settings, endpoints, upstreams::remove);
        upstreams.add(upstream);
        return upstream;
    }

    /**
     * Makes services of endpoints as a resolution says them, with the settings of the gateway: what a
     * {@link Balancer} is given, alone or below stages.
     *
     * @return the factory; see {@link #endpoints(MuxSettings, ClientTls)}
     */
    public ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints() {
        return endpoints(spec.settings(), ClientTls.DEFAULTS);
    }

    /**
     * Makes services of endpoints as a resolution says them.
     *
     * <p>An endpoint with a TLS name is asked for its server name (SNI), and must show a certificate from a trusted authority that
     * has its identity among the alternative names, as DNS name, address or URI; names in {@code tls} do not count. One without is
     * spoken to in cleartext. An authority takes the place of Host and {@code :authority}.
     *
     * <p>A service is BUSY while as many exchanges as may wait for a connection of some event loop, and while the endpoint
     * cannot be connected to and no connection to it is open: after a failure it is left alone for 100 ms, then for twice as long
     * each time up to 60 s, with a tenth of jitter, and then one connection tries. Calls that come all the same fail at once.
     * A service is closed by its {@code closeAsync}, or with the gateway.
     *
     * @param settings timeouts and limits, of each endpoint
     * @param tls whom to trust, and what to show
     * @return the factory; its services behave as an {@link Upstream} of one endpoint
     */
    public ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints(MuxSettings settings, ClientTls tls) {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(tls, "tls");
        return new Endpoints(loops, resolver, upstreams, pools, settings, tls);
    }

    /**
     * A service that spreads exchanges over the endpoints of a name, with the defaults of {@link BalancerSettings}.
     *
     * @param names finds the endpoints; the resolution is followed from now on
     * @param name what to find
     * @return the balancer; closed by its {@code closeAsync}, or with the gateway
     */
    public Balancer balanced(Resolver names, String name) {
        return balanced(names, name, BalancerSettings.DEFAULTS);
    }

    /**
     * A service that spreads exchanges over the endpoints of a name.
     *
     * @param names finds the endpoints; the resolution is followed from now on
     * @param name what to find
     * @param settings how to balance
     * @return the balancer; closed by its {@code closeAsync}, or with the gateway
     */
    public Balancer balanced(Resolver names, String name, BalancerSettings settings) {
        AtomicReference<Service<HttpExchange, HttpReply>> itself = new AtomicReference<>();
        Flux<Update<Endpoint>> updates = names.resolve(name).doOnCancel(() -> upstreams.remove(itself.get()));
        Balancer balancer = Balancer.create(updates, endpoints(), settings);
        itself.set(balancer);
        upstreams.add(balancer);
        return balancer;
    }

    /**
     * Opens a port for cleartext HTTP.
     *
     * @param host the address to listen on
     * @param port the port, or 0 to let the system choose
     * @param service answers the exchanges
     * @return the listener once it is bound; fails with the cause when it cannot be. Each subscription binds anew.
     */
    public Mono<Listener> listen(String host, int port, Service<HttpExchange, HttpReply> service) {
        return listen(ListenerSpec.of(host, port), service);
    }

    /**
     * Opens a port.
     *
     * @param listening where and how it listens
     * @param service answers the exchanges
     * @return the listener once it is bound, with TLS not before its first certificates have come; fails with the cause when
     *     it cannot be. Each subscription binds anew.
     * @throws IllegalStateException when the specification wants what is not on the class path
     */
    public Mono<Listener> listen(ListenerSpec listening, Service<HttpExchange, HttpReply> service) {
        Objects.requireNonNull(listening, "listening");
        Objects.requireNonNull(service, "service");
        if (listening.proxyProtocol().isOn()) {
            ProxyHeaders.checkAvailable();
        }
        ServerTls tls = listening.tls();
        if (tls == null) {
            return bind(listening, service, null);
        }
        return ServerContexts.open(tls)
                .flatMap(contexts -> bind(listening, service, contexts)
                        .doOnError(failed -> contexts.dispose())
                        .doOnCancel(contexts::dispose));
    }

    private Mono<Listener> bind(
            ListenerSpec listening, Service<HttpExchange, HttpReply> service, @Nullable ServerContexts tls) {
        return Mono.create(sink -> {
            if (drain.hasStarted()) {
                sink.error(closed());
                return;
            }
            listeners.removeIf(Listener::isGone);
            Accepted accepted = new Accepted(listening, service, tls);
            ServerBootstrap server = new ServerBootstrap();
            loops.channels().tuning().forEach(server::childOption);
            ChannelFuture binding = server.group(loops.group())
                    .channelFactory(loops.channels().servers())
                    .option(ChannelOption.SO_BACKLOG, 4096)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                    .childHandler(accepted)
                    .bind(new InetSocketAddress(listening.host(), listening.port()));
            binding.addListener(bound -> {
                if (bound.isSuccess()) {
                    if (tls != null) {
                        binding.channel().closeFuture().addListener(closed -> tls.dispose());
                    }
                    opened(new Listener(binding.channel(), loops, accepted.fronts(), tls), sink);
                } else {
                    sink.error(bound.cause());
                }
            });
        });
    }

    private void opened(Listener listener, MonoSink<Listener> sink) {
        listeners.add(listener);
        if (drain.hasStarted()) { // and has not seen this one
            listener.drain(Duration.ZERO).subscribe();
            sink.error(closed());
        } else {
            sink.success(listener);
        }
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("gateway: closed (expected: open)");
    }

    /**
     * What the gateway holds now.
     *
     * @return connections and exchanges that are open
     */
    public GatewayStats stats() {
        return new GatewayStats(
                sum(loop -> loop.frontConnections),
                sum(loop -> loop.frontExchanges),
                sum(loop -> loop.backConnections),
                sum(loop -> loop.backExchanges),
                sum(loop -> loop.pending));
    }

    /**
     * The connections to upstreams, endpoint by endpoint. Looks at all connections, and disturbs none.
     *
     * @return one for each endpoint of an {@link Upstream}, and one for each service of {@link #endpoints()} until nothing of it is
     *     left; in no order, and an endpoint that is used twice is there twice
     */
    public List<PoolStats> pools() {
        return pools.stream().map(EndpointPools::stats).toList();
    }

    /**
     * The ports that are open, and those that are closed and have clients still.
     *
     * @return in no order
     */
    public List<Listener> listeners() {
        return listeners.stream().filter(listener -> !listener.isGone()).toList();
    }

    /**
     * How far the drain of all listeners has come now, without starting one.
     *
     * @return the sum of {@link Listener#progress}
     */
    public DrainProgress progress() {
        return listeners.stream().map(Listener::progress).reduce(DrainProgress.NOTHING_LEFT, DrainProgress::plus);
    }

    /**
     * Tells whether the gateway is going: nothing can be opened any more.
     *
     * @return true once {@link #drain} or {@link #closeAsync} has begun
     */
    public boolean isDraining() {
        return drain.hasStarted();
    }

    private long sum(Function<Loop, Gauge> gauge) {
        return loops.loops().stream().mapToLong(loop -> gauge.apply(loop).get()).sum();
    }

    /**
     * Ends the gateway without losing a request: drains all listeners as {@link Listener#drain} does, then the upstreams,
     * then ends the event loops. Listeners cannot be opened any more. A load balancer in front should know before: what
     * connects between the end of the listening and its own next look is refused.
     *
     * <p><b>Cancellation.</b> Stops the telling, not the drain.
     *
     * @param grace how long exchanges may take; zero ends them at once. A shorter one shortens a drain that has begun, a
     *     longer one changes nothing.
     * @return a state stream, conflated for slow subscribers: what is left on all listeners, from the first subscription on,
     *     which starts the drain; completes when all is closed
     */
    public Flux<DrainProgress> drain(Duration grace) {
        Graces.check(grace);
        return Flux.defer(() -> {
            drain.start(grace);
            return drain.progress();
        });
    }

    /**
     * Closes at once: a {@link #drain} without grace. Clients are still told: exchanges without a reply are answered with
     * 503, HTTP/2 clients get a GOAWAY.
     *
     * @return completes when all is closed; each subscription closes
     */
    public Mono<Void> closeAsync() {
        return drain(Duration.ZERO).then();
    }

    private Mono<Void> shutdown() {
        return Mono.create(sink -> {
            resolver.close();
            loops.shutdown().addListener(done -> sink.success());
        });
    }

    /** Closes the gateway as {@link #closeAsync} does, without waiting for the end. */
    @Override
    public void dispose() {
        closeAsync().subscribe();
    }

    @Override
    public boolean isDisposed() {
        return loops.group().isShuttingDown();
    }

    @Override
    public String toString() {
        return "gateway on " + loops.channels().name() + " with " + listeners.size() + " listeners";
    }

    /** Sets up each accepted connection on its event loop. */
    private final class Accepted extends ChannelInitializer<Channel> {

        private final ProxyProtocol proxyProtocol;
        private final List<FrontContext> contexts;
        private final @Nullable ServerContexts tls;

        Accepted(ListenerSpec listening, Service<HttpExchange, HttpReply> service, @Nullable ServerContexts tls) {
            this.proxyProtocol = listening.proxyProtocol();
            this.tls = tls;
            contexts =
                    loops.loops().stream().map(loop -> context(loop, service)).toList();
        }

        private FrontContext context(Loop loop, Service<HttpExchange, HttpReply> service) {
            Fronts fronts = new Fronts(loop, spec.settings().linger());
            return new FrontContext(loop, fronts, service, spec.responder(), spec.observers(), spec.settings());
        }

        List<Fronts> fronts() {
            return contexts.stream().map(FrontContext::fronts).toList();
        }

        @Override
        protected void initChannel(Channel channel) {
            EventLoop executor = channel.eventLoop();
            FrontContext context = contexts.get(loops.of(executor).index());
            context.fronts().accepted(channel);
            ObservedConnection.install(channel.pipeline(), loops.connections(), null, tls != null);
            if (!proxyProtocol.isOn()) {
                speak(channel, context);
            } else if (proxyProtocol.senders().contains(channel.remoteAddress())) {
                ProxyHeaders.install(channel.pipeline(), context, () -> speak(channel, context));
            } else if (proxyProtocol.othersAllowed()) {
                speak(channel, context);
            } else {
                channel.close();
            }
        }

        private void speak(Channel channel, FrontContext context) {
            if (tls == null) {
                channel.pipeline().addLast("protocol", new ProtocolDetector(context));
            } else {
                TlsAccept.install(channel.pipeline(), context, tls);
            }
        }
    }
}
