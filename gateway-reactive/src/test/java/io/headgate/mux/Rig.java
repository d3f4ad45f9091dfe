package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.GatewayStats;
import io.headgate.gateway.HeldPort;
import io.headgate.gateway.Listener;
import io.headgate.gateway.ListenerSpec;
import io.headgate.gateway.Upstream;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.Pair.Proto;
import io.headgate.tls.TlsProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.provider.Arguments;

/**
 * A gateway between a scripted upstream and scripted clients. Closing it checks that every exchange had exactly one end
 * and that the gateway holds nothing any more.
 */
final class Rig implements AutoCloseable {

    /** Short timeouts where a test waits for one; long ones where it must not come. */
    static final MuxSettings SETTINGS = MuxSettings.builder()
            .tick(Duration.ofMillis(10))
            .linger(Duration.ofMillis(200))
            .build();

    static final int SMALL = 16 * 1024;

    final Pair pair;
    final Path path;
    final Outcomes outcomes = new Outcomes();

    /** What peers have overstepped. */
    final List<Limit> limits = new CopyOnWriteArrayList<>();

    final Peer upstream;
    final Gateway gateway;
    final RigTls tls;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "rig");
        thread.setDaemon(true);
        return thread;
    });
    final Listener listener;

    private Rig(Builder builder) throws IOException {
        pair = builder.pair;
        path = builder.path;
        tls = builder.tls;
        upstream = peer(pair.back, builder.peerBuffer, tls);
        gateway = Gateway.create(builder.spec.apply(GatewaySpec.DEFAULTS
                .withEventLoops(1)
                .withSettings(builder.settings)
                .withObservers(outcomes)
                .withLimitObserver((limit, connection) -> limits.add(limit))));
        ListenerSpec port = ListenerSpec.of("127.0.0.1", 0);
        listener = gateway.listen(tls == null ? port : port.withTls(tls.listener()), builder.service.apply(this))
                .block(Duration.ofSeconds(20)); // the first TLS of a run takes its time
    }

    static Stream<Arguments> everyWay() {
        return Stream.of(Pair.values()).flatMap(pair -> Stream.of(Path.values()).map(path -> Arguments.of(pair, path)));
    }

    static Stream<Arguments> h1Fronts() {
        return everyWay().filter(way -> ((Pair) way.get()[0]).h1Front());
    }

    static Stream<Arguments> h2Fronts() {
        return everyWay().filter(way -> !((Pair) way.get()[0]).h1Front());
    }

    static Stream<Arguments> h1Backs() {
        return everyWay().filter(way -> ((Pair) way.get()[0]).h1Back());
    }

    static Stream<Arguments> h2Backs() {
        return everyWay().filter(way -> !((Pair) way.get()[0]).h1Back());
    }

    static Builder of(Pair pair, Path path) {
        return new Builder(pair, path);
    }

    static Rig start(Pair pair, Path path) throws IOException {
        return of(pair, path).start();
    }

    // ---- clients

    int port() {
        return listener.port();
    }

    Client client() throws IOException {
        return client(H2Wire.DEFAULT_WINDOW);
    }

    /** A client whose HTTP/2 streams have some window; for HTTP/1.1 a small one means small socket buffers. */
    Client client(int window) throws IOException {
        return keep(
                pair.front == Proto.H1
                        ? new H1Client(port(), window <= H2Wire.DEFAULT_WINDOW / 2 ? SMALL : 0, tls)
                        : new H2Client(port(), window, tls));
    }

    H1Client h1() throws IOException {
        return keep(new H1Client(port(), 0, tls));
    }

    H2Client h2() throws IOException {
        return keep(new H2Client(port(), H2Wire.DEFAULT_WINDOW, tls));
    }

    <T extends AutoCloseable> T keep(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    // ---- upstreams

    Peer anotherUpstream() throws IOException {
        return keep(peer(pair.back, 0, tls));
    }

    private static Peer peer(Proto proto, int buffer, RigTls tls) throws IOException {
        return proto == Proto.H1 ? new H1Peer(buffer, tls) : new H2Peer(buffer, tls);
    }

    H2Peer h2Upstream() {
        return (H2Peer) upstream;
    }

    /** The service that sends to the scripted upstream. */
    Upstream upstream() {
        return upstream(upstream.url());
    }

    Upstream upstream(String... urls) {
        return tls == null ? gateway.upstream(urls) : gateway.upstream(tls.upstream(), urls);
    }

    /** The URL of a port that refuses connections until the rig is closed. */
    String refusingUrl() throws IOException {
        return upstream.url()
                .replaceFirst("\\d+$", String.valueOf(keep(new HeldPort()).number()));
    }

    UpstreamCall take() throws InterruptedException {
        return upstream.take();
    }

    // ---- time

    /** A task that may block or throw. */
    interface Task<T> {
        T run() throws Exception;
    }

    <T> CompletableFuture<T> async(Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                result.complete(task.run());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    void awaitStats(java.util.function.Predicate<GatewayStats> wanted) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(gateway.stats()).matches(wanted, "wanted"));
    }

    void awaitNoExchanges() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> {
                    GatewayStats stats = gateway.stats();
                    assertThat(stats.frontExchanges()).as("front exchanges").isZero();
                    assertThat(stats.backExchanges()).as("back exchanges").isZero();
                    assertThat(stats.pending()).as("pending").isZero();
                });
    }

    @Override
    public void close() throws Exception {
        try {
            for (AutoCloseable closeable : opened) {
                if (closeable instanceof Client) {
                    closeable.close();
                }
            }
            awaitNoExchanges();
            awaitStats(stats -> stats.frontConnections() == 0);
        } finally {
            gateway.closeAsync().block(Duration.ofSeconds(10));
            upstream.close();
            for (AutoCloseable closeable : opened) {
                closeable.close();
            }
            threads.shutdownNow();
        }
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
        outcomes.assertOneEndEach();
    }

    /** What can be chosen. */
    static final class Builder {

        private final Pair pair;
        private final Path path;
        private MuxSettings settings = SETTINGS;
        private java.util.function.UnaryOperator<GatewaySpec> spec = asItIs -> asItIs;
        private int peerBuffer;
        private RigTls tls = RigTls.OF_THE_RUN;
        private Function<Rig, Service<HttpExchange, HttpReply>> service = rig -> rig.path.through(rig.upstream());

        private Builder(Pair pair, Path path) {
            this.pair = pair;
            this.path = path;
        }

        Builder settings(java.util.function.UnaryOperator<MuxSettings.Builder> change) {
            settings = change.apply(settings.toBuilder()).build();
            return this;
        }

        Builder spec(java.util.function.UnaryOperator<GatewaySpec> change) {
            spec = change;
            return this;
        }

        /** Small socket buffers at the upstream, so that one that does not read is noticed soon. */
        Builder smallPeer() {
            peerBuffer = SMALL;
            return this;
        }

        /** TLS on both sides, in the gateway by a provider. */
        Builder tls(TlsProvider provider) {
            tls = new RigTls(provider, true);
            return this;
        }

        Builder service(Function<Rig, Service<HttpExchange, HttpReply>> wanted) {
            service = wanted;
            return this;
        }

        Rig start() throws IOException {
            return new Rig(this);
        }
    }
}
