package io.headgate.gateway;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.Gauge;
import io.headgate.mux.internal.Loop;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

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
 * by the first bytes.
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
    private final ChannelGroup listeners = new DefaultChannelGroup("listeners", GlobalEventExecutor.INSTANCE);
    private final ChannelGroup clients = new DefaultChannelGroup("clients", GlobalEventExecutor.INSTANCE);
    private final Set<Upstream> upstreams = ConcurrentHashMap.newKeySet();

    private Gateway(GatewaySpec spec) {
        this.spec = spec;
        this.loops = new EventLoops(
                spec.transport(), spec.eventLoops(), spec.settings().tick(), spec.limitObserver());
        this.resolver = new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelFactory(loops.channels().datagrams()));
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
     * @param urls its endpoints, {@code http://host:port} for HTTP/1.1 or {@code h2c://host:port} for HTTP/2 with prior
     *     knowledge; at least one, and with several they take turns
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
        if (urls.length == 0) {
            throw new IllegalArgumentException("urls: none (expected: at least one)");
        }
        List<EndpointPools> endpoints = Stream.of(urls)
                .map(Endpoint::parse)
                .map(endpoint -> new EndpointPools(endpoint, loops, settings, resolver))
                .toList();
        Upstream upstream = new Upstream(loops, settings, endpoints, upstreams::remove);
        upstreams.add(upstream);
        return upstream;
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
     * @return the listener once it is bound; fails with the cause when it cannot be. Each subscription binds anew.
     */
    public Mono<Listener> listen(ListenerSpec listening, Service<HttpExchange, HttpReply> service) {
        Objects.requireNonNull(listening, "listening");
        Objects.requireNonNull(service, "service");
        return Mono.create(sink -> {
            if (isDisposed()) {
                sink.error(new IllegalStateException("gateway: closed (expected: open)"));
                return;
            }
            ServerBootstrap server = new ServerBootstrap();
            loops.channels().tuning().forEach(server::childOption);
            ChannelFuture binding = server.group(loops.group())
                    .channelFactory(loops.channels().servers())
                    .option(ChannelOption.SO_BACKLOG, 4096)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                    .childHandler(new Accepted(service))
                    .bind(new InetSocketAddress(listening.host(), listening.port()));
            binding.addListener(bound -> {
                if (bound.isSuccess()) {
                    listeners.add(binding.channel());
                    sink.success(new Listener(binding.channel()));
                } else {
                    sink.error(bound.cause());
                }
            });
        });
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

    private long sum(Function<Loop, Gauge> gauge) {
        return loops.loops().stream().mapToLong(loop -> gauge.apply(loop).get()).sum();
    }

    /**
     * Closes the ports and all connections at once, and ends the event loops.
     *
     * @return completes when all is closed
     */
    public Mono<Void> closeAsync() {
        return Mono.defer(() -> closed(listeners.close()))
                .then(Mono.defer(() -> closed(clients.close())))
                .then(Mono.defer(() -> Mono.when(upstreams.stream()
                        .map(upstream -> upstream.closeAsync(Duration.ZERO))
                        .toList())))
                .then(Mono.defer(() -> {
                    resolver.close();
                    return closed(loops.shutdown());
                }));
    }

    private static Mono<Void> closed(Future<?> future) {
        return Mono.create(sink -> future.addListener(done -> sink.success()));
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

        private final List<FrontContext> contexts;

        Accepted(Service<HttpExchange, HttpReply> service) {
            contexts = loops.loops().stream()
                    .map(loop -> new FrontContext(loop, service, spec.responder(), spec.observers(), spec.settings()))
                    .toList();
        }

        @Override
        protected void initChannel(Channel channel) {
            EventLoop executor = channel.eventLoop();
            FrontContext context = contexts.get(loops.of(executor).index());
            clients.add(channel);
            context.loop().frontConnections.add(1);
            channel.closeFuture()
                    .addListener(closed -> context.loop().frontConnections.add(-1));
            channel.pipeline().addLast("protocol", new ProtocolDetector(context));
        }
    }
}
