package io.headgate.tap.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.headgate.forward.Networks;
import io.headgate.http.Fields;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.TapRequest;
import io.headgate.tap.linkerd.TapException.Reason;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** The client with our own server: what is asked for and told arrives as it was, and what goes wrong has a name. */
class TapClientTest {

    private static final TapRequest ALL = TapRequest.of(10, TapMatch.EVERYTHING);

    @Test
    void requestsArriveAsTheyWere() {
        TapRequest request = new TapRequest(
                4294967295L,
                TapMatch.all(
                        new TapMatch.SourceNetwork(Networks.of("10.0.0.0/8")),
                        new TapMatch.SourcePorts(1, 65535),
                        new TapMatch.DestinationNetwork(Networks.of("fd00:0:0:0:0:0:0:0/8")),
                        new TapMatch.DestinationPorts(443, 443),
                        TapMatch.any(new TapMatch.Scheme("https"), new TapMatch.Scheme("ftp")),
                        TapMatch.any(new TapMatch.Method("GET"), new TapMatch.Method("PURGE")),
                        new TapMatch.Authority(Text.prefix("")),
                        new TapMatch.Path(Text.exact("/a")).negate(),
                        new TapMatch.DestinationLabel("zone", "b"),
                        new TapMatch.RouteLabel("route", "list")),
                0.25,
                TapHeaders.SHOWN.alsoRedacting("x-tenant"),
                1234,
                17);
        assertThat(asked(request)).usingRecursiveComparison().isEqualTo(request);
    }

    @Test
    void whatTheWireCannotSayIsSaidOtherwise() {
        assertThat(asked(TapRequest.of(1, new TapMatch.SourceNetwork(Networks.of("0.0.0.0/0", "127.0.0.1"))))
                        .match())
                .hasToString(TapMatch.any(
                                new TapMatch.SourceNetwork(Networks.of("0.0.0.0/1")),
                                new TapMatch.SourceNetwork(Networks.of("128.0.0.0/1")),
                                new TapMatch.SourceNetwork(Networks.of("127.0.0.1/32")))
                        .toString());
        assertThat(asked(TapRequest.of(1, new TapMatch.DestinationNetwork(Networks.NONE)))
                        .match())
                .isEqualTo(TapMatch.any());
        assertThat(asked(TapRequest.of(1, new TapMatch.SourcePorts(0, 0))).match())
                .isEqualTo(TapMatch.any());
        assertThat(asked(TapRequest.of(1, new TapMatch.DestinationPorts(0, 9))).match())
                .isEqualTo(new TapMatch.DestinationPorts(1, 9));
    }

    private static TapRequest asked(TapRequest request) {
        return WireRequests.decode(WireRequests.encode(request), TapServerSettings.onLoopback(0));
    }

    static List<TapEvent> events() {
        return List.of(
                ScriptedTap.requestInit(),
                ScriptedTap.responseInit(),
                ScriptedTap.responseEnd(new End.Complete()),
                ScriptedTap.responseEnd(new End.Grpc(0)),
                ScriptedTap.responseEnd(new End.Failed("timeout", -1)),
                ScriptedTap.responseEnd(new End.Failed("h2(INTERNAL_ERROR)", 2)),
                ScriptedTap.responseEnd(new End.Cancelled()),
                new Dropped(400, 3));
    }

    @ParameterizedTest
    @MethodSource("events")
    void eventsArriveAsTheyWere(TapEvent event) {
        try (Opened opened = Opened.of(request -> Flux.just(event))) {
            StepVerifier.create(opened.client.observe(ALL.withHeaders(TapHeaders.SHOWN)))
                    .expectNext(event)
                    .expectComplete()
                    .verify(Opened.PATIENCE);
        }
    }

    @Test
    void whatThePublishedApiCannotSayBecomesTheNextBest() {
        TapEvent.ResponseEnd refused = new TapEvent.ResponseEnd(
                ScriptedTap.ID, ScriptedTap.PEERS, 5, -1, 12, 0, new End.Failed("timeout", -1), Fields.empty());
        assertThat(byThePublishedApi(refused))
                .isEqualTo(new TapEvent.ResponseEnd(
                        ScriptedTap.ID,
                        ScriptedTap.PEERS,
                        5,
                        -1,
                        0,
                        0,
                        new End.Failed("unclassified", -1),
                        Fields.empty()));
        assertThat(byThePublishedApi(ScriptedTap.responseEnd(new End.Cancelled())))
                .isInstanceOfSatisfying(
                        TapEvent.ResponseEnd.class, end -> assertThat(end.end()).isEqualTo(new End.Complete()));
        assertThat(byThePublishedApi(ScriptedTap.requestInit()))
                .isInstanceOfSatisfying(
                        TapEvent.RequestInit.class,
                        init -> assertThat(init.target()).isEqualTo("/orders"));
        assertThat(new EventWriter(false, false).encode(new Dropped(1, 0))).isNull();
        assertThat(new EventWriter(false, false).encode(ScriptedTap.bodyData())).isNull();
    }

    private static TapEvent byThePublishedApi(TapEvent event) {
        return new EventReader(TapHeaders.SHOWN)
                .decode(Objects.requireNonNull(new EventWriter(false, false).encode(event)));
    }

    @Test
    void piecesOfBodiesArriveAsTheyWere() {
        try (Opened opened = Opened.of(request -> Flux.just(ScriptedTap.bodyData()))) {
            StepVerifier.create(opened.client.observe(ALL.withBodyBytes(1000)))
                    .assertNext(event ->
                            assertThat(event).usingRecursiveComparison().isEqualTo((BodyData) ScriptedTap.bodyData()))
                    .expectComplete()
                    .verify(Opened.PATIENCE);
        }
    }

    @Test
    void fieldsAreNeitherShownNorSentUnlessAskedFor() {
        try (Opened opened = Opened.of(request -> Flux.just(ScriptedTap.requestInit()))) {
            TapEvent.RequestInit bare =
                    (TapEvent.RequestInit) opened.client.observe(ALL).blockLast(Opened.PATIENCE);
            assertThat(bare).isNotNull();
            assertThat(bare.headers().isEmpty()).isTrue();
            assertThat(bare.target()).isEqualTo("/orders?page=2");

            TapEvent.RequestInit redacted = (TapEvent.RequestInit) opened.client
                    .observe(ALL.withHeaders(new TapHeaders(true, Set.of("accept"))))
                    .blockLast(Opened.PATIENCE);
            assertThat(redacted).isNotNull();
            assertThat(redacted.headers().get("accept")).isEqualTo(TapHeaders.REDACTED);
            assertThat(redacted.headers().get("x-tenant")).isEqualTo("caf\u00e9");
        }
    }

    @Test
    void demandReachesTheSource() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap)) {
            StepVerifier.create(opened.client.observe(ALL), 0)
                    .expectSubscription()
                    .then(() ->
                            tap.awaitObserver().next(ScriptedTap.requestInit()).assertMinRequested(1))
                    .thenRequest(1)
                    .expectNextCount(1)
                    .thenCancel()
                    .verify(Opened.PATIENCE);
        }
    }

    @Test
    void aGatewayThatIsNotThereIsNamedAndIsFoundAgainAtOnce() {
        TapServer first = Opened.server(new ScriptedTap(), TapServerSettings.onLoopback(0));
        int port = first.address().getPort();
        first.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
        TapClient client = TapClient.open("127.0.0.1", port);
        assertFails(client, Reason.UNREACHABLE, "tap of 127.0.0.1:" + port + ": no connection: ");

        TapServer again = Opened.server(request -> Flux.empty(), TapServerSettings.onLoopback(port));
        StepVerifier.create(client.observe(ALL)).expectComplete().verify(Opened.PATIENCE);
        again.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
        client.closeAsync().block(Opened.PATIENCE);
    }

    @Test
    void whatHasNoTapIsNamed() throws Exception {
        Server other = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .build()
                .start();
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", other.getPort())
                .usePlaintext()
                .build();
        TapClient client = TapClient.over(channel);
        assertFails(client, Reason.UNSUPPORTED, "tap of 127.0.0.1:" + other.getPort() + ": no tap there: ");
        client.closeAsync().block(Opened.PATIENCE);
        assertThat(channel.isShutdown()).isFalse();
        channel.shutdownNow();
        assertThat(other.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void assertFails(TapClient client, Reason reason, String message) {
        StepVerifier.create(client.observe(ALL))
                .expectErrorSatisfies(error -> assertThat(error)
                        .hasMessageStartingWith(message)
                        .isInstanceOfSatisfying(
                                TapException.class,
                                failure -> assertThat(failure.reason()).isEqualTo(reason)))
                .verify(Opened.PATIENCE);
    }
}
