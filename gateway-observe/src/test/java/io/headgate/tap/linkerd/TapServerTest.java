package io.headgate.tap.linkerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapRequest;
import io.headgate.tap.TooManyObserversException;
import io.headgate.tap.linkerd.TapException.Reason;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest;
import io.headgate.tap.linkerd.internal.wire.TapGrpc;
import io.headgate.tls.ClientTls;
import io.headgate.tls.ServerTls;
import io.headgate.tls.ServerTls.ClientAuth;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** What the server promises: mistakes are told, a slow client is not waited for, and an end releases all. */
class TapServerTest {

    private static final TapRequest ALL = TapRequest.of(10, TapMatch.EVERYTHING);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            match { all {} } | limit: 0 (expected: 1..4294967295)
            limit: 1 | match: none (expected: all, any, not, source, destination, http, destination_label or route_label)
            limit: 1 match { not {} } | match within a not: none (expected: all,
            limit: 1 match { all { matches { not {} } } } | match within a not: none
            limit: 1 match { source {} } | source: none (expected: netmask or ports)
            limit: 1 match { destination { netmask {} } } | destination netmask: no address (expected: ipv4 or ipv6)
            limit: 1 match { source { netmask { ip { ipv4: 1 } } } } | source netmask: 0.0.0.1/0 (expected: a prefix of 1..32 bits)
            limit: 1 match { source { netmask { ip { ipv4: 1 } mask: 33 } } } | source netmask: 0.0.0.1/33 (expected: a prefix of 1..32
            limit: 1 match { source { netmask { ip { ipv6 { } } mask: 129 } } } | /129 (expected: a prefix of 1..128 bits)
            limit: 1 match { source { netmask { ip { ipv6 { last: 281470849515521 } } mask: 128 } } } | network: 0:0:0:0:0:ffff:
            limit: 1 match { source { ports {} } } | source ports: 0..0 (expected: 1..65535, at least one of them
            limit: 1 match { source { ports { max: 65536 } } } | source ports: 0..65536
            limit: 1 match { destination { ports { min: 9 max: 8 } } } | destination ports: 9..8
            limit: 1 match { destination { ports { min: 4294967295 } } } | destination ports: 4294967295..0
            limit: 1 match { http {} } | http: none (expected: scheme, method, authority or path)
            limit: 1 match { http { path {} } } | path: none (expected: exact or prefix)
            limit: 1 match { http { authority {} } } | authority: none (expected: exact or prefix)
            limit: 1 match { http { scheme {} } } | scheme: '' (expected: the name of a scheme)
            limit: 1 match { http { method { unregistered: "A B" } } } | method: 'A B' (expected: a token)
            limit: 1 match { destination_label { value: "b" } } | destination_label: ''='b' (expected: a key and a value)
            limit: 1 match { route_label { key: "a" } } | route_label: 'a'='' (expected: a key and a value)
            limit: 1 match { all {} } extras { body_bytes: 65537 } | body_bytes: 65537 (expected: 0..65536 at this gateway)
            limit: 1 match { all {} } extras { queue: 4097 } | queue: 4097 (expected: 0..4096 at this gateway)
            limit: 1 match { all {} } extras { probability: 1.5 } | probability: 1.5 (expected: above 0, up to 1)
            """)
    void whatMakesNoSenseIsRefusedWithWhatIsExpected(String request, String description) {
        try (Opened opened = Opened.of(new ScriptedTap())) {
            assertThat(refusal(opened, request(request)))
                    .satisfies(status -> assertThat(status.getDescription()).contains(description))
                    .returns(Status.Code.INVALID_ARGUMENT, Status::getCode);
        }
    }

    @Test
    void numbersThatNobodyHasRegisteredAreRefused() {
        var method = ObserveRequest.newBuilder().setLimit(1);
        method.getMatchBuilder().getHttpBuilder().getMethodBuilder().setRegisteredValue(9);
        var scheme = ObserveRequest.newBuilder().setLimit(1);
        scheme.getMatchBuilder().getHttpBuilder().getSchemeBuilder().setRegisteredValue(2);
        try (Opened opened = Opened.of(new ScriptedTap())) {
            assertThat(refusal(opened, method.build()).getDescription())
                    .isEqualTo("method: number 9 (expected: 0 (GET) to 8 (TRACE))");
            assertThat(refusal(opened, scheme.build()).getDescription())
                    .isEqualTo("scheme: number 2 (expected: 0 (HTTP) or 1 (HTTPS))");
        }
    }

    @Test
    void matchesAreNeitherDeepNorMany() {
        TapMatch deep = TapMatch.EVERYTHING;
        for (int i = 0; i < 33; i++) {
            deep = deep.negate();
        }
        TapMatch[] many = new TapMatch[1000];
        java.util.Arrays.fill(many, TapMatch.EVERYTHING);
        try (Opened opened = Opened.of(new ScriptedTap())) {
            StepVerifier.create(opened.client.observe(TapRequest.of(1, deep)))
                    .expectErrorMessage("tap of 127.0.0.1:" + opened.port()
                            + ": the request is refused: match: nested deeper than 32 (expected: less)")
                    .verify(Opened.PATIENCE);
            StepVerifier.create(opened.client.observe(TapRequest.of(1, TapMatch.any(many))))
                    .expectErrorSatisfies(error -> assertThat(error).hasMessageContaining("more than 1000 parts"))
                    .verify(Opened.PATIENCE);
        }
    }

    @Test
    void aStalledClientHasNoDemandAndEventsAreNotKeptForIt() {
        AtomicLong made = new AtomicLong();
        Flux<TapEvent> endless = Flux.generate(sink -> {
            made.incrementAndGet();
            sink.next(ScriptedTap.requestInit());
        });
        BaseSubscriber<TapEvent> stalled = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }
        };
        try (Opened opened = Opened.of(request -> endless)) {
            opened.client.observe(ALL).subscribe(stalled);
            Awaitility.await().until(() -> opened.server.observations() == 1);
            long[] before = {-1};
            Awaitility.await() // until the connection is full: nothing more is asked for
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> (made.get() > 0 && made.get() == before[0]) || (before[0] = made.get()) < 0);
            assertThat(made.get()).isLessThan(20_000);

            long full = made.get();
            stalled.requestUnbounded();
            Awaitility.await().until(() -> made.get() > full + 1000);
            stalled.cancel();
            Awaitility.await().until(() -> opened.server.observations() == 0);
        }
    }

    @Test
    void aClientThatCancelsCancelsItsObservation() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap)) {
            Disposable observer = opened.client.observe(ALL).subscribe();
            TestPublisher<TapEvent> events = tap.awaitObserver();
            assertThat(opened.server.observations()).isEqualTo(1);
            observer.dispose();
            Awaitility.await().untilAsserted(events::assertCancelled);
            Awaitility.await().until(() -> opened.server.observations() == 0);
        }
    }

    @Test
    void aClientThatIsGoneCancelsItsObservation() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap)) {
            Disposable gone = opened.client.observe(ALL).subscribe(event -> {}, error -> {});
            TestPublisher<TapEvent> events = tap.awaitObserver();
            opened.client.closeAsync().block(Opened.PATIENCE);
            Awaitility.await().untilAsserted(events::assertCancelled);
            assertThat(gone.isDisposed()).isTrue();
        }
    }

    @Test
    void aServerThatClosesEndsItsStreamsWithUnavailable() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap)) {
            StepVerifier.create(opened.client.observe(ALL))
                    .then(() -> tap.awaitObserver().next(ScriptedTap.requestInit()))
                    .expectNextCount(1)
                    .then(() -> opened.server.closeAsync(Duration.ZERO).block(Opened.PATIENCE))
                    .expectErrorMessage("tap of 127.0.0.1:" + opened.port()
                            + ": the connection is lost: gateway: closes (expected: another one, or later)")
                    .verify(Opened.PATIENCE);
            tap.awaitObserver().assertCancelled();
            assertThat(opened.server.observations()).isZero();
        }
    }

    @Test
    void aServerThatClosesWithGraceLetsItsStreamsComeToTheirEnd() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap)) {
            var closed = opened.server.closeAsync(Duration.ofMinutes(10)).toFuture();
            StepVerifier.create(opened.client.observe(ALL))
                    .expectErrorSatisfies(error -> assertThat(error).isInstanceOf(TapException.class))
                    .verify(Opened.PATIENCE);
            assertThat(closed).succeedsWithin(Opened.PATIENCE);
        }
        ScriptedTap busy = new ScriptedTap();
        try (Opened opened = Opened.of(busy)) {
            StepVerifier.create(opened.client.observe(ALL))
                    .then(() -> {
                        TestPublisher<TapEvent> events = busy.awaitObserver();
                        opened.server.closeAsync(Duration.ofMinutes(10)).subscribe();
                        events.next(ScriptedTap.responseInit());
                        events.complete();
                    })
                    .expectNextCount(1)
                    .expectComplete()
                    .verify(Opened.PATIENCE);
            opened.server.closeAsync(Duration.ofMinutes(10)).block(Opened.PATIENCE);
        }
    }

    @Test
    void aServerDoesNotWaitForAClientThatReadsNothing() {
        Flux<TapEvent> endless = Flux.generate(sink -> sink.next(ScriptedTap.requestInit()));
        BaseSubscriber<TapEvent> stalled = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnError(Throwable error) {}
        };
        try (Opened opened = Opened.of(request -> endless)) {
            opened.client.observe(ALL).subscribe(stalled);
            Awaitility.await().until(() -> opened.server.observations() == 1);
            opened.server.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
            assertThat(opened.server.observations()).isZero();
            opened.client.closeAsync().block(Opened.PATIENCE);
            assertThat(stalled.isDisposed()).isTrue();
        }
    }

    @Test
    void aClientThatCancelsLateReleasesWhatItHasReceived() {
        Flux<TapEvent> endless = Flux.generate(sink -> sink.next(ScriptedTap.requestInit()));
        BaseSubscriber<TapEvent> stalled = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }
        };
        try (Opened opened = Opened.of(request -> endless)) {
            opened.client.observe(ALL).subscribe(stalled);
            Awaitility.await().until(() -> opened.server.observations() == 1);
            opened.server.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
            stalled.cancel(); // the leak gate looks at what is left
            assertThat(stalled.isDisposed()).isTrue();
        }
    }

    @Test
    void noMoreObserveThanMay() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap, TapServerSettings.onLoopback(0).withMaxObservations(1))) {
            Disposable first = opened.client.observe(ALL).subscribe();
            tap.awaitObserver();
            assertReason(opened, Reason.BUSY);
            first.dispose();
            Awaitility.await().until(() -> opened.server.observations() == 0);
            Disposable second = opened.client.observe(ALL).subscribe();
            Awaitility.await().until(() -> tap.requests.size() == 2);
            second.dispose();
        }
    }

    @Test
    void aSourceThatFailsIsNotExplainedToClients() {
        try (Opened opened = Opened.of(request -> Flux.error(new IllegalStateException("secret")))) {
            StepVerifier.create(opened.client.observe(ALL))
                    .expectErrorMessage("tap of 127.0.0.1:" + opened.port()
                            + ": it has failed: tap: failed (expected: events until the limit)")
                    .verify(Opened.PATIENCE);
        }
        try (Opened opened = Opened.of(request -> Flux.error(new TooManyObserversException(3)))) {
            assertReason(opened, Reason.BUSY);
        }
    }

    private static void assertReason(Opened opened, Reason reason) {
        StepVerifier.create(opened.client.observe(ALL))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                TapException.class,
                                refused -> assertThat(refused.reason()).isEqualTo(reason)))
                .verify(Opened.PATIENCE);
    }

    @Test
    void secretsOfTheServerStaySoWhateverIsAskedFor() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap, TapServerSettings.onLoopback(0).withSecrets(Set.of("X-Tenant")))) {
            Disposable observer = opened.client
                    .observe(ALL.withHeaders(new TapHeaders(true, Set.of("accept"))))
                    .subscribe();
            assertThat(tap.request().headers()).isEqualTo(new TapHeaders(true, Set.of("x-tenant", "accept")));
            observer.dispose();
        }
    }

    @Test
    void oneListensOnLoopbackOrProvesWhoItsClientsAre() {
        Certificates pki = new Certificates();
        ServerTls tls = ServerTls.of(pki.of("127.0.0.1"));
        InetSocketAddress anywhere = new InetSocketAddress("0.0.0.0", 4190);
        TapServerSettings local = TapServerSettings.onLoopback(4190);

        assertThatThrownBy(() -> new TapServerSettings(anywhere, null, Set.of(), 1, Set.of(), 0, 1))
                .hasMessage("address: 0.0.0.0:4190"
                        + " (expected: one of loopback, or TLS with the identities of the clients that may tap)");
        assertThatThrownBy(() -> TapServerSettings.withMutualTls(anywhere, tls, "spiffe://root/tap"))
                .hasMessage("tls: asks clients for no certificate (expected: client authentication, with its issuers)");
        assertThatThrownBy(() ->
                        TapServerSettings.withMutualTls(anywhere, tls.withClientAuth(ClientAuth.REQUIRED, pki.trust())))
                .hasMessage("identities: [] (expected: those of the clients that may tap)");
        assertThatThrownBy(() -> local.withMaxObservations(0)).hasMessage("maxObservations: 0 (expected: 1..100000)");
        assertThatThrownBy(() -> local.withMaxBodyBytes(-1)).hasMessage("maxBodyBytes: -1 (expected: 0..1048576)");
        assertThatThrownBy(() -> TapClient.open("a", 1, ClientTls.DEFAULTS.dangerouslyWithoutHostNameCheck()))
                .hasMessageContaining("checks no host name");
    }

    @Test
    void anAddressThatIsTakenIsNamed() {
        try (Opened opened = Opened.of(new ScriptedTap())) {
            StepVerifier.create(TapServer.open(new ScriptedTap(), TapServerSettings.onLoopback(opened.port())))
                    .expectErrorMessage(
                            "address: 127.0.0.1:" + opened.port() + " (expected: one that can be listened on)")
                    .verify(Opened.PATIENCE);
        }
    }

    // ---- a client of our own .proto files

    private static ObserveRequest request(String text) {
        try {
            return TextFormat.parse(text, ObserveRequest.class);
        } catch (ParseException e) {
            throw new AssertionError(text, e);
        }
    }

    private static Status refusal(Opened opened, ObserveRequest request) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", opened.port())
                .usePlaintext()
                .build();
        try {
            Object event = ClientCalls.blockingServerStreamingCall(
                            channel, TapGrpc.getObserveMethod(), CallOptions.DEFAULT, request)
                    .next();
            throw new AssertionError(request + " is answered with " + event);
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        } finally {
            channel.shutdownNow();
        }
    }
}
