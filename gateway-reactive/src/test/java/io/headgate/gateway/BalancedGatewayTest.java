package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Service.Status;
import io.headgate.ServiceFactory;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.NoEndpointException;
import io.headgate.balance.Strategy;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TlsProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Clients, a gateway that balances, and endpoints, all on sockets. */
@Timeout(60)
class BalancedGatewayTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** How long an idle connection may stay when its listener is closed: with TLS it is not told. */
    private static final Duration SHORT = Duration.ofMillis(50);

    private static final Pki PKI = new Pki();

    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(2));
    private final Gateway outside = Gateway.create(GatewaySpec.DEFAULTS
            .withEventLoops(1)
            .withSettings(MuxSettings.builder().linger(SHORT).build()));
    private final Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
    private final List<String> authorities = new CopyOnWriteArrayList<>();
    private final List<String> serverNames = new CopyOnWriteArrayList<>();
    private final HeldPort held;

    BalancedGatewayTest() throws IOException {
        held = new HeldPort();
    }

    @AfterEach
    void close() throws IOException {
        held.close();
        outside.closeAsync().block(LONG);
        gateway.closeAsync().block(LONG);
        assertThat(gateway.stats()).isEqualTo(new GatewayStats(0, 0, 0, 0, 0));
    }

    private Listener server(ListenerSpec spec, String name) {
        return outside.listen(spec, exchange -> {
                    authorities.add(exchange.head().authority());
                    if (exchange.connection().tls() != null) {
                        serverNames.add(
                                String.valueOf(exchange.connection().tls().serverName()));
                    }
                    return exchange.body().asString(100_000).map(body -> HttpReply.text(200, name + body));
                })
                .block(LONG);
    }

    private Listener server(String name) {
        return server(ListenerSpec.of("127.0.0.1", 0), name);
    }

    private static Endpoint at(Listener listener, Protocol protocol) {
        return Endpoint.of("127.0.0.1", listener.port()).withProtocol(protocol);
    }

    private void reset(Endpoint... endpoints) {
        updates.tryEmitNext(new Update.Reset<>(List.of(endpoints))).orThrow();
    }

    private Balancer balanced(BalancerSettings settings) {
        return gateway.balanced(name -> updates.asFlux(), "orders", settings);
    }

    private static HttpExchange get() {
        return HttpExchange.of(RequestHead.of("GET", "orders.example", "/"), Body.empty());
    }

    private static String call(Service<HttpExchange, HttpReply> service) {
        return service.call(get()).flatMap(reply -> reply.body().asString(1000)).block(LONG);
    }

    // ---- traffic

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void exchangesAreSpreadAndFollowTheResolution(Protocol protocol) {
        Listener one = server("one");
        Listener two = server("two");
        Listener three = server("three");
        Balancer balancer = balanced(BalancerSettings.DEFAULTS.withStrategy(Strategy.roundRobin()));
        Listener front = gateway.listen("127.0.0.1", 0, balancer).block(LONG);
        Upstream client = outside.upstream("http://127.0.0.1:" + front.port());
        Mono<String> early =
                client.call(get()).flatMap(reply -> reply.body().asString(1000)).cache();
        early.subscribe();
        await().until(() -> balancer.stats().waiting() == 1);
        reset(at(one, protocol), at(two, protocol));
        assertThat(early.block(LONG)).isIn("one", "two");
        assertThat(answers(client, 10)).containsExactlyInAnyOrder("one", "two");
        updates.tryEmitNext(new Update.Upsert<>(List.of(at(three, protocol)))).orThrow();
        updates.tryEmitNext(new Update.Remove<>(List.of(at(one, protocol)), Departure.DRAIN))
                .orThrow();
        assertThat(answers(client, 10)).containsExactlyInAnyOrder("two", "three");
        await().untilAsserted(() -> assertThat(balancer.stats().openCalls()).isZero());
    }

    private static Set<String> answers(Service<HttpExchange, HttpReply> service, int calls) {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < calls; i++) {
            answers.add(call(service));
        }
        return answers;
    }

    @Test
    void authorityOfTheEndpointTakesThePlaceOfThatOfTheRequest() {
        Balancer balancer = balanced(BalancerSettings.DEFAULTS);
        reset(at(server("one"), Protocol.HTTP_1).withAuthority("real.example:81"));
        call(balancer);
        reset(at(server("two"), Protocol.HTTP_2).withAuthority("other.example"));
        call(balancer);
        reset(at(server("three"), Protocol.HTTP_2));
        call(balancer);
        assertThat(authorities).containsExactly("real.example:81", "other.example", "orders.example");
    }

    @Test
    void exchangeStaysOnItsEventLoopAndItsBodiesAreTheVeryObjects() {
        List<Object> below = new ArrayList<>();
        List<Object> above = new ArrayList<>();
        List<String> threads = new CopyOnWriteArrayList<>();
        ServiceFactory<Endpoint, HttpExchange, HttpReply> real = gateway.endpoints();
        Balancer balancer = Balancer.create(
                updates.asFlux(), endpoint -> seen(real.create(endpoint), below, threads), BalancerSettings.DEFAULTS);
        reset(at(server("one"), Protocol.HTTP_1), at(server("two"), Protocol.HTTP_2));
        Listener front =
                gateway.listen("127.0.0.1", 0, seen(balancer, above, threads)).block(LONG);
        Upstream client = outside.upstream("http://127.0.0.1:" + front.port());
        for (int i = 0; i < 6; i++) {
            HttpExchange post = get().withHead(RequestHead.of("POST", "orders.example", "/"))
                    .withBody(Body.utf8("x".repeat(20_000)));
            assertThat(client.call(post)
                            .flatMap(reply -> reply.body().asString(30_000))
                            .block(LONG))
                    .endsWith("xxx");
        }
        assertThat(above).hasSize(12).allSatisfy(object -> assertThat(below).anyMatch(other -> other == object));
        assertThat(new HashSet<>(threads)).as("of one connection").hasSize(1);
        balancer.closeAsync(Duration.ZERO).block(LONG);
    }

    private static Service<HttpExchange, HttpReply> seen(
            Service<HttpExchange, HttpReply> next, List<Object> bodies, List<String> threads) {
        return new Layer<>("seen", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                bodies.add(exchange.body());
                threads.add(Thread.currentThread().getName());
                return next.call(exchange).doOnNext(reply -> {
                    bodies.add(reply.body());
                    threads.add(Thread.currentThread().getName());
                });
            }
        };
    }

    // ---- death

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void endpointThatDiesIsLeftAloneAndComesBack(Protocol protocol) {
        Listener one = server("one");
        ListenerSpec here = ListenerSpec.of("127.0.0.1", held.number());
        Listener two = server(here, "two");
        Balancer balancer = balanced(BalancerSettings.DEFAULTS.withStrategy(Strategy.roundRobin()));
        reset(at(one, protocol), at(two, protocol));
        assertThat(answers(balancer, 10)).containsExactlyInAnyOrder("one", "two");
        two.drain(Duration.ZERO).blockLast(LONG);
        AtomicInteger failures = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            try {
                assertThat(call(balancer)).isEqualTo("one");
            } catch (UpstreamException e) {
                failures.incrementAndGet();
            }
        }
        assertThat(failures.get())
                .as("one to notice, and one for each attempt after a wait")
                .isBetween(1, 10);
        server(here, "two again");
        await().until(() -> {
            try {
                return call(balancer).equals("two again");
            } catch (UpstreamException e) {
                return false;
            }
        });
        assertThat(answers(balancer, 10)).containsExactlyInAnyOrder("one", "two again");
    }

    @Test
    void endpointThatRefusesIsBusyForAWhile() {
        Listener gone = server(ListenerSpec.of("127.0.0.1", held.number()), "gone");
        gone.drain(Duration.ZERO).blockLast(LONG);
        Service<HttpExchange, HttpReply> service = gateway.endpoints().create(at(gone, Protocol.HTTP_1));
        assertThat(service.status()).isEqualTo(Status.OPEN);
        await().pollInterval(Duration.ofMillis(5))
                .until(
                        () -> { // longer each time, so one look is in time
                            assertThatThrownBy(() -> call(service))
                                    .isInstanceOfSatisfying(
                                            UpstreamException.class,
                                            e -> assertThat(e.failure()).isEqualTo(Failure.CONNECT));
                            return service.status() == Status.BUSY;
                        });
        await().until(() -> service.status() == Status.OPEN);
        service.closeAsync(Duration.ZERO).block(LONG);
        assertThat(service.status()).isEqualTo(Status.CLOSED);
    }

    @Test
    void callsWaitWhileTheOnlyEndpointIsLeftAlone() {
        ListenerSpec here = ListenerSpec.of("127.0.0.1", held.number());
        Listener gone = server(here, "gone");
        gone.drain(Duration.ZERO).blockLast(LONG);
        Balancer balancer = balanced(BalancerSettings.DEFAULTS.withTick(Duration.ofMillis(10)));
        reset(at(gone, Protocol.HTTP_1));
        assertThatThrownBy(() -> call(balancer)).isInstanceOf(UpstreamException.class);
        Mono<String> waiting = balancer.call(get())
                .flatMap(reply -> reply.body().asString(100))
                .cache();
        server(here, "back");
        assertThat(waiting.block(LONG)).isEqualTo("back");
    }

    @Test
    void gatewayClosesItsBalancers() {
        Balancer balancer = balanced(BalancerSettings.DEFAULTS);
        reset(at(server("one"), Protocol.HTTP_1));
        call(balancer);
        gateway.closeAsync().block(LONG);
        assertThat(balancer.status()).isEqualTo(Status.CLOSED);
        assertThat(updates.currentSubscriberCount()).isZero();
        assertThatThrownBy(() -> call(balancer)).isInstanceOf(NoEndpointException.class);
    }

    // ---- identity

    static Stream<Arguments> everyWay() {
        return Stream.of(Protocol.values())
                .flatMap(protocol -> Stream.of(TlsProvider.JDK, TlsProvider.OPENSSL)
                        .map(provider -> Arguments.of(protocol, provider)));
    }

    private Endpoint secure(Protocol protocol, TlsName name, String... names) {
        ServerTls tls = ServerTls.of(PKI.credential(names)).withAuthorityCheck(false);
        return at(server(ListenerSpec.of("127.0.0.1", 0).withTls(tls), "hello"), protocol)
                .withTls(name);
    }

    private Service<HttpExchange, HttpReply> service(Endpoint endpoint, TlsProvider provider) {
        ClientTls tls = ClientTls.DEFAULTS.withTrust(PKI.trust()).withProvider(provider);
        return gateway.endpoints(GatewaySpec.DEFAULTS.settings(), tls).create(endpoint);
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void endpointIsKnownByADnsName(Protocol protocol, TlsProvider provider) {
        TlsName name = TlsName.dns("orders.example");
        Service<HttpExchange, HttpReply> service =
                service(secure(protocol, name, "other.example", "Orders.example"), provider);
        assertThat(call(service)).isEqualTo("hello");
        assertThat(serverNames).containsExactly("orders.example");
        authorities.clear();
        // An asterisk does not stand for all names of a top level domain.
        assertStranger(secure(protocol, name, "*.example.org", "*.example"), provider, "expected: orders.example");
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void endpointIsKnownByAUri(Protocol protocol, TlsProvider provider) {
        TlsName name = new TlsName("spiffe://example.org/orders", "orders.mesh.example");
        assertThat(call(service(secure(protocol, name, "x.example", "spiffe://example.org/orders"), provider)))
                .isEqualTo("hello");
        assertThat(serverNames).containsExactly("orders.mesh.example");
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void identityIsCheckedAndNotTheServerName(Protocol protocol, TlsProvider provider) {
        assertStranger(
                secure(protocol, new TlsName("orders.example", "mesh.example"), "mesh.example"),
                provider,
                "expected: orders.example");
        assertStranger(
                secure(
                        protocol,
                        new TlsName("spiffe://example.org/orders", "mesh.example"),
                        "mesh.example",
                        "spiffe://example.org/orders/2"),
                provider,
                "expected: spiffe://example.org/orders)");
        assertThat(call(service(
                        secure(protocol, new TlsName("a.orders.example", "mesh.example"), "*.orders.example"),
                        provider)))
                .isEqualTo("hello");
    }

    private void assertStranger(Endpoint endpoint, TlsProvider provider, String why) {
        assertThatThrownBy(() -> call(service(endpoint, provider)))
                .isInstanceOfSatisfying(UpstreamException.class, e -> {
                    assertThat(e.failure()).isEqualTo(Failure.CONNECT);
                    assertThat(String.valueOf(root(e).getMessage())).contains(why);
                });
        assertThat(authorities).isEmpty();
    }

    /** The first reason: later attempts of the same call were only held back. */
    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void authorityThatIsNotTrustedIsNoConnectionWhateverTheIdentity(Protocol protocol, TlsProvider provider) {
        Endpoint endpoint = secure(protocol, TlsName.dns("orders.example"), "orders.example");
        ClientTls strangers = ClientTls.DEFAULTS.withTrust(new Pki().trust()).withProvider(provider);
        Service<HttpExchange, HttpReply> service =
                gateway.endpoints(GatewaySpec.DEFAULTS.settings(), strangers).create(endpoint);
        assertThatThrownBy(() -> call(service)).isInstanceOf(UpstreamException.class);
        assertThat(authorities).isEmpty();
    }
}
