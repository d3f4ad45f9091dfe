package io.headgate.sync.client;

import static io.headgate.sync.client.ScriptedServer.hello;
import static io.headgate.sync.client.ScriptedServer.inSync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.retry.Backoff;
import io.headgate.sync.SyncPeer;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.wire.Generation;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.TrustAnchors;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.scheduler.Schedulers;

/** Who a server must be: of a certain authority always, and of one of two names. */
class SyncClientTlsTest {

    private static final String NAME = "typha-server";
    private static final String URI = "spiffe://cluster/typha";
    private static final X509Bundle AUTHORITY = authority();
    private static final X509Bundle CLIENT = issue(AUTHORITY, "typha-client", "spiffe://cluster/client");
    private static final ClientTls TLS = ClientTls.DEFAULTS
            .withTrust(TrustAnchors.of(List.of(AUTHORITY.getCertificate())))
            .withCredential(Credential.of(CLIENT.getKeyPair().getPrivate(), CLIENT.getCertificatePathList()));

    private ScriptedServer server;
    private SyncClient client;
    private EventProbe probe;

    private static X509Bundle authority() {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=Authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Bundle issue(X509Bundle authority, String name, String uri) {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("O=test, CN=" + name)
                    .addSanUriName(uri)
                    .buildIssuedBy(authority);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static SslContext context(X509Bundle shown, X509Bundle trusted) {
        try {
            return SslContextBuilder.forServer(shown.getKeyPair().getPrivate(), shown.getCertificatePathList())
                    .trustManager(trusted.getCertificate())
                    .clientAuth(ClientAuth.REQUIRE)
                    .sslProvider(SslProvider.JDK)
                    .build();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void end() {
        if (probe != null) {
            probe.cancel();
        }
        if (server != null) {
            server.close();
        }
    }

    private void follow(SslContext tls, SyncPeer peer) {
        server = new ScriptedServer(Generation.TODAY, tls);
        SyncClientSpec spec = SyncClientSpec.of(server.address())
                .withSettings(SyncClientSettings.DEFAULTS.withBackoff(
                        Backoff.exponential(Duration.ofMillis(5), Duration.ofMillis(50))));
        client = SyncClient.of(peer == null ? spec.withTls(TLS) : spec.withTls(TLS, peer));
        probe = EventProbe.on(client.events());
    }

    @ParameterizedTest
    @CsvSource({
        "typha-server, spiffe://cluster/typha, typha-server, spiffe://cluster/typha, true",
        "typha-server, spiffe://cluster/typha, typha-server, spiffe://cluster/other, true",
        "typha-server, spiffe://cluster/typha, other, spiffe://cluster/typha, true",
        "typha-server, spiffe://cluster/typha, other, spiffe://cluster/other, false",
        "typha-server, , typha-server, spiffe://cluster/other, true",
        "typha-server, , other, spiffe://cluster/typha, false",
        ", spiffe://cluster/typha, other, spiffe://cluster/typha, true",
        ", spiffe://cluster/typha, typha-server, spiffe://cluster/other, false",
        ", , other, spiffe://cluster/other, true",
    })
    void oneOfTheNamesThatAreAskedForSuffices(
            String name, String uri, String shownName, String shownUri, boolean fits) {
        follow(
                context(issue(AUTHORITY, shownName, shownUri), AUTHORITY),
                name == null && uri == null ? null : new SyncPeer(name, uri));
        if (fits) {
            server.accept().say(hello(), inSync(0));
            probe.awaitStatus(SyncStatus.IN_SYNC);
            assertThat(client.stats().losses()).isEmpty();
        } else {
            await().until(() -> client.stats().lost(SyncLoss.WRONG_PEER) > 0);
            assertThat(client.stats().lastReason()).startsWith("certificate: ").contains("(expected: ");
            assertThat(server.accept().hasSaid()).as("not a word to a stranger").isFalse();
        }
    }

    @Test
    void aServerOfAnotherAuthorityIsLeft() {
        X509Bundle stranger = authority();
        follow(context(issue(stranger, NAME, URI), AUTHORITY), SyncPeer.named(NAME));

        await().until(() -> client.stats().lost(SyncLoss.TLS_FAILED) > 0);
        assertThat(server.accept().hasSaid()).isFalse();
    }

    @Test
    void aServerThatDoesNotKnowTheClientsAuthorityIsLeft() {
        follow(context(issue(AUTHORITY, NAME, URI), authority()), SyncPeer.named(NAME));

        await().until(() -> client.stats().attempts() > 2);
        assertThat(client.stats().connected()).isZero();
        assertThat(client.stats().lost(SyncLoss.TLS_FAILED)).isPositive();
    }

    @Test
    void aServerInCleartextIsLeft() {
        server = new ScriptedServer();
        client = SyncClient.of(SyncClientSpec.of(server.address()).withTls(TLS));
        probe = EventProbe.on(client.events());
        server.accept().say(hello());

        await().until(() -> client.stats().lost(SyncLoss.TLS_FAILED) > 0);
        assertThat(probe.log()).isEmpty();
    }

    @Test
    void aServerWithTlsTellsNothingInCleartext() {
        server = new ScriptedServer(Generation.TODAY, context(issue(AUTHORITY, NAME, URI), AUTHORITY));
        client = SyncClient.of(SyncClientSpec.of(server.address()));
        probe = EventProbe.on(client.events());

        await().until(() -> !client.stats().losses().isEmpty());
        assertThat(client.stats().connected()).isZero();
        assertThat(probe.log()).isEmpty();
    }

    @Test
    void aPeerWithoutTlsMakesNoSense() {
        assertThatThrownBy(() -> new SyncClientSpec(
                        SyncClientSpec.of("a").servers(),
                        "felix",
                        List.of(),
                        SyncClientSettings.DEFAULTS,
                        null,
                        SyncPeer.named("x"),
                        Map.of(),
                        "",
                        "",
                        "",
                        key -> true,
                        value -> true,
                        () -> 0,
                        Schedulers.parallel(),
                        null))
                .hasMessage("tls: none (expected: TLS, as the peer must be CN x)");
    }
}
