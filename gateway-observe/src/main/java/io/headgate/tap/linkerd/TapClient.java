package io.headgate.tap.linkerd;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapRequest;
import io.headgate.tap.TapSource;
import io.headgate.tap.linkerd.ObserveCall.CallFailure;
import io.headgate.tap.linkerd.TapException.Reason;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest;
import io.headgate.tls.ClientTls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A gateway elsewhere as a source of taps, by the tap API of Linkerd: one that has a {@link TapServer}, or a proxy of Linkerd.
 *
 * <pre>
 * TapClient gateway = TapClient.open("127.0.0.1", 4190);
 * Flux&lt;TapEvent&gt; events = gateway.observe(TapRequest.of(100, TapMatch.EVERYTHING));
 * </pre>
 *
 * <p>Its streams are <i>event streams</i>: the gateway drops what a subscriber has no demand for. A subscription is a call of its own, all on
 * one connection that is made when it is needed.
 *
 * <p><b>What Linkerd does not know.</b> Its proxies show no bodies, count no bytes of requests and take the first exchanges whatever the
 * probability; what they drop is missing without a word. An exchange that had no reply is taken for a failed one. A direction that is not
 * told is taken for inbound. Fields that are to be redacted are redacted here, too, as its proxies hide nothing.
 *
 * <p><b>Errors.</b> A stream fails with a {@link TapException}, which says what is wrong with which gateway. A lost connection is one: what was
 * taken before is not told again, so to observe anew is for the subscriber to decide.
 *
 * <p><b>Threading.</b> Safe. Subscribers are told on the event loop of the connection, which they must not block.
 *
 * <p><b>Cancellation.</b> A subscriber that cancels cancels its call.
 */
public final class TapClient implements TapSource {

    private static final Logger LOG = LoggerFactory.getLogger(TapClient.class);

    private static final int CONNECT_TIMEOUT_MILLIS = 5000;

    /** The most that gRPC servers put up with unless told otherwise. */
    private static final long KEEP_ALIVE_MINUTES = 5;

    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 10;

    /** A head of the largest size that anybody takes, twice, with some bytes of a body. */
    private static final int MAX_EVENT_BYTES = 8 * 1024 * 1024;

    private final Channel channel;
    private final String gateway;
    private final @Nullable EventLoopGroup own;
    private final Set<Runnable> calls = ConcurrentHashMap.newKeySet();

    private TapClient(Channel channel, String gateway, @Nullable EventLoopGroup own) {
        this.channel = Objects.requireNonNull(channel, "channel");
        this.gateway = gateway;
        this.own = own;
    }

    /**
     * Observes over a cleartext connection with an event loop of its own. {@link #closeAsync} ends both.
     *
     * @param host a name or an address of the gateway
     * @param port 1 to 65535
     * @return the client
     */
    public static TapClient open(String host, int port) {
        return open(host, port, (NettyChannelBuilder builder) -> builder.usePlaintext());
    }

    /**
     * Observes over a connection with TLS and an event loop of its own. {@link #closeAsync} ends both. Blocks a little the first time: TLS
     * is loaded.
     *
     * @param host a name or an address of the gateway
     * @param port 1 to 65535
     * @param tls whom to trust, and the certificate that the gateway wants to see. The certificate of the gateway must be for the host,
     *     or for {@link ClientTls#serverName}
     * @return the client
     * @throws IllegalArgumentException when no context can be made of that, or host names are not to be checked
     */
    public static TapClient open(String host, int port, ClientTls tls) {
        if (!tls.checksHostName()) {
            throw new IllegalArgumentException(
                    "tls: checks no host name (expected: the name in the certificate, as serverName)");
        }
        try {
            var context = TlsContexts.client(tls);
            String name = tls.serverName();
            return open(host, port, (NettyChannelBuilder builder) -> {
                builder.sslContext(context);
                if (name != null) {
                    builder.overrideAuthority(name + ":" + port);
                }
            });
        } catch (SSLException e) {
            throw new IllegalArgumentException("tls: " + tls + " (expected: a usable certificate and trust)", e);
        }
    }

    private static TapClient open(String host, int port, Consumer<NettyChannelBuilder> security) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
        }
        EventLoopGroup loop = LoopThread.loop();
        try {
            NettyChannelBuilder builder = NettyChannelBuilder.forAddress(host, port)
                    .eventLoopGroup(loop)
                    .channelType(NioSocketChannel.class)
                    .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                    .keepAliveTime(KEEP_ALIVE_MINUTES, TimeUnit.MINUTES)
                    .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .maxInboundMessageSize(MAX_EVENT_BYTES)
                    .directExecutor();
            security.accept(builder);
            return new TapClient(builder.build(), name(host) + ":" + port, loop);
        } catch (RuntimeException e) {
            LoopThread.end(loop).subscribe();
            throw e;
        }
    }

    private static String name(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /**
     * Observes over a channel of the caller's.
     *
     * @param channel stays the caller's to shut down
     * @return the client
     */
    public static TapClient over(Channel channel) {
        return new TapClient(channel, String.valueOf(channel.authority()), null);
    }

    @Override
    public Flux<TapEvent> observe(TapRequest request) {
        ObserveRequest question = WireRequests.encode(request);
        EventReader reader = new EventReader(request.headers());
        return Flux.defer(() -> {
                    awake();
                    return new ObserveCall(channel, question, head -> look(head, request), calls);
                })
                .mapNotNull(reader::decode)
                .onErrorResume(CallFailure.class, this::told);
    }

    /** After a dial that has failed gRPC waits up to two minutes for the next one, and refuses everything meanwhile. */
    private void awake() {
        if (own != null
                && channel instanceof ManagedChannel managed
                && managed.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            managed.enterIdle();
        }
    }

    private void look(Metadata head, TapRequest request) {
        boolean wantsMore = request.bodyBytes() > 0 || request.probability() < 1;
        if (wantsMore && !head.containsKey(ObserveHandler.EXTRAS)) {
            LOG.warn("tap of {}: knows no bodies and no probability, and shows the first exchanges without", gateway);
        }
    }

    /** When gRPC has done with a dial that has failed: whoever observes again before would be refused for it once more. */
    private Mono<TapEvent> told(CallFailure failure) {
        Mono<TapEvent> told = Mono.error(understood(failure));
        return own == null || own.isShuttingDown() ? told : told.subscribeOn(Schedulers.fromExecutor(own));
    }

    private Throwable understood(CallFailure failure) {
        Status status = failure.status;
        Reason reason = switch (status.getCode()) {
            case INVALID_ARGUMENT -> Reason.INVALID;
            case UNAUTHENTICATED -> Reason.UNAUTHENTICATED;
            case PERMISSION_DENIED -> Reason.FORBIDDEN;
            case RESOURCE_EXHAUSTED -> Reason.BUSY;
            case UNIMPLEMENTED -> Reason.UNSUPPORTED;
            case UNAVAILABLE, CANCELLED -> failure.heard ? Reason.LOST : Reason.UNREACHABLE;
            default -> Reason.FAILED;
        };
        return new TapException(reason, gateway, detail(status), status.getCause());
    }

    private static @Nullable String detail(Status status) {
        String said = status.getDescription();
        Throwable cause = status.getCause();
        if (cause != null && cause.getMessage() != null) {
            return said == null ? cause.getMessage() : said + ": " + cause.getMessage();
        }
        return said == null ? status.getCode().toString() : said;
    }

    /**
     * Ends the connection and the event loop that {@code open} has made, with all observations over them, which fail; a channel of the
     * caller's is left alone.
     *
     * @return completes when they are gone; nothing happens before it is subscribed
     */
    public Mono<Void> closeAsync() {
        return own == null
                ? Mono.empty()
                : Mono.defer(() -> {
                    ((ManagedChannel) channel).shutdownNow();
                    calls.forEach(Runnable::run);
                    return LoopThread.end(own);
                });
    }

    @Override
    public String toString() {
        return "tap of " + gateway;
    }
}
