package io.headgate.tap.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapRequest;
import io.headgate.tap.linkerd.TapException.Reason;
import io.headgate.tls.CertificateSet;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.ServerTls.ClientAuth;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Who may tap a gateway over TLS. */
class TapServerTlsTest {

    private static final Certificates PKI = new Certificates();
    private static final InetSocketAddress ANYWHERE = new InetSocketAddress("0.0.0.0", 0);
    private static final TapRequest ALL = TapRequest.of(10, TapMatch.EVERYTHING);

    private static TapServer server(ClientAuth auth, String... identities) {
        ServerTls tls = ServerTls.of(PKI.of("127.0.0.1")).withClientAuth(auth, PKI.trust());
        return Opened.server(
                request -> Flux.just(ScriptedTap.responseEnd(new End.Complete())),
                TapServerSettings.withMutualTls(ANYWHERE, tls, identities));
    }

    private static void assertTold(TapServer server, ClientTls tls, @Nullable Reason refused) {
        TapClient client = TapClient.open("127.0.0.1", server.address().getPort(), tls);
        StepVerifier.LastStep told = refused == null
                ? StepVerifier.create(client.observe(ALL)).expectNextCount(1)
                : StepVerifier.create(client.observe(ALL));
        if (refused == null) {
            told.expectComplete().verify(Opened.PATIENCE);
        } else {
            told.expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOfSatisfying(
                                    TapException.class,
                                    refusal -> assertThat(refusal.reason())
                                            .as(refusal.getMessage())
                                            .isEqualTo(refused)))
                    .verify(Opened.PATIENCE);
        }
        client.closeAsync().block(Opened.PATIENCE);
    }

    private static ClientTls with(@Nullable Credential credential) {
        ClientTls tls = ClientTls.DEFAULTS.withTrust(PKI.trust());
        return credential == null ? tls : tls.withCredential(credential);
    }

    @Test
    void clientsOfTheRightIdentitiesAreTold() {
        TapServer server = server(ClientAuth.OPTIONAL, "spiffe://root/tap", "Tap.example.org");
        assertTold(server, with(PKI.of("spiffe://root/tap")), null);
        assertTold(server, with(PKI.of("tap.example.org")), null);
        assertTold(server, with(PKI.of("spiffe://root/web")), Reason.FORBIDDEN);
        assertTold(server, with(PKI.of("web.example.org")), Reason.FORBIDDEN);
        assertTold(server, with(null), Reason.UNAUTHENTICATED);
        assertTold(server, with(new Certificates().of("spiffe://root/tap")), Reason.UNREACHABLE);
        assertTold(server, ClientTls.DEFAULTS.withCredential(PKI.of("spiffe://root/tap")), Reason.UNREACHABLE);
        server.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
    }

    @Test
    void cleartextIsNotSpokenWhereTlsIs() {
        TapServer server = server(ClientAuth.OPTIONAL, "spiffe://root/tap");
        TapClient client = TapClient.open("127.0.0.1", server.address().getPort());
        StepVerifier.create(client.observe(ALL))
                .expectErrorSatisfies(
                        error -> assertThat(((TapException) error).reason()).isEqualTo(Reason.UNREACHABLE))
                .verify(Opened.PATIENCE);
        client.closeAsync().block(Opened.PATIENCE);
        server.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
    }

    @Test
    void aRequiredCertificateEndsTheHandshakeOfThoseWithoutOne() {
        TapServer server = server(ClientAuth.REQUIRED, "spiffe://root/tap");
        assertTold(server, with(PKI.of("spiffe://root/tap")), null);
        assertTold(server, with(null), Reason.UNREACHABLE);
        server.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
    }

    @Test
    void newCertificatesAreShownToConnectionsThatComeAfterThem() {
        Sinks.Many<CertificateSet> sets = Sinks.many().replay().latest();
        sets.tryEmitNext(CertificateSet.of(PKI.of("old.example.org")));
        TapServer server = Opened.server(
                request -> Flux.just(ScriptedTap.responseEnd(new End.Complete())),
                TapServerSettings.withMutualTls(
                        ANYWHERE,
                        ServerTls.of(sets.asFlux()).withClientAuth(ClientAuth.OPTIONAL, PKI.trust()),
                        "spiffe://root/tap"));
        ClientTls client = with(PKI.of("spiffe://root/tap"));
        assertTold(server, client.withServerName("old.example.org"), null);
        sets.tryEmitNext(CertificateSet.of(PKI.of("new.example.org")));
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertTold(server, client.withServerName("new.example.org"), null));
        server.closeAsync(Duration.ZERO).block(Opened.PATIENCE);
        assertThat(sets.currentSubscriberCount()).isZero();
    }

    @Test
    void aServerWithoutCertificatesDoesNotOpen() {
        ServerTls none = ServerTls.of(Flux.empty()).withClientAuth(ClientAuth.REQUIRED, PKI.trust());
        StepVerifier.create(TapServer.open(
                        new ScriptedTap(), TapServerSettings.withMutualTls(ANYWHERE, none, "spiffe://root/tap")))
                .expectErrorMessage("certificates: none (expected: at least one set)")
                .verify(Opened.PATIENCE);
    }
}
