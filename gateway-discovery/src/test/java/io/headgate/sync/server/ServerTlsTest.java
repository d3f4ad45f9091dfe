package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.sync.SyncPeer;
import io.headgate.sync.server.Visitor.Hello;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TrustAnchors;
import io.netty.buffer.ByteBufAllocator;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is let in by its certificate. */
class ServerTlsTest {

    private static final String NAME = "typha-client";
    private static final String URI = "spiffe://example.org/felix";
    private static final X509Bundle AUTHORITY = authority();
    private static final X509Bundle OTHER_AUTHORITY = authority();
    private static final X509Bundle SERVER = issued(AUTHORITY, "typha-server", null);

    private static X509Bundle authority() {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=Authority " + System.nanoTime())
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static X509Bundle issued(X509Bundle by, String name, @Nullable String uri) {
        CertificateBuilder builder = new CertificateBuilder().ecp256().subject("CN=" + name);
        try {
            return (uri == null ? builder : builder.addSanUriName(uri)).buildIssuedBy(by);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static ServerTls tls() {
        return ServerTls.of(Credential.of(SERVER.getKeyPair().getPrivate(), SERVER.getCertificatePathList()))
                .withClientAuth(ServerTls.ClientAuth.REQUIRED, TrustAnchors.of(List.of(AUTHORITY.getCertificate())));
    }

    private static Served serve(@Nullable SyncPeer peer, UnaryOperator<SyncServerSettings.Builder> settings) {
        return serve(peer, settings, System::nanoTime);
    }

    private static Served serve(
            @Nullable SyncPeer peer, UnaryOperator<SyncServerSettings.Builder> settings, LongSupplier nanos) {
        Served served = Served.by(
                nanos,
                spec -> (peer == null ? spec.withTls(tls()) : spec.withTls(tls(), peer))
                        .withSettings(
                                settings.apply(SyncServerSettings.builder()).build()),
                ByteBufAllocator.DEFAULT);
        served.feed().put("/a", "1").inSync();
        return served;
    }

    /** A client that shows a certificate, or none, and believes the authority of the server. */
    private static Visitor visitor(Served served, @Nullable X509Bundle own) throws Exception {
        KeyManager[] keys = own == null ? null : own.toKeyManagerFactory().getKeyManagers();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, AUTHORITY.toTrustManagerFactory().getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", served.port());
        return served.keep(Visitor.over(socket));
    }

    private static void assertLetIn(Served served, X509Bundle own) throws Exception {
        Visitor visitor = visitor(served, own).hello(Hello.SNAPPY).untilInSync();
        assertThat(visitor.values()).containsEntry("/a", "1");
    }

    private static void assertCut(Served served, @Nullable X509Bundle own, SyncEnd end) throws Exception {
        Visitor visitor = visitor(served, own);
        try {
            visitor.hello(Hello.PLAIN).untilClosed();
        } catch (java.io.UncheckedIOException e) {
            assertThat(e).hasRootCauseInstanceOf(IOException.class); // the handshake failed
        }
        assertThat(visitor.received()).isEmpty();
        served.awaitEnded(end, 1);
    }

    private static SyncPeer expected(String of) {
        return switch (of) {
            case "name" -> SyncPeer.named(NAME);
            case "uri" -> SyncPeer.identified(URI);
            default -> new SyncPeer(NAME, URI);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "both, good, good, true",
        "both, good, bad, true",
        "both, good, none, true",
        "both, bad, good, true",
        "both, bad, bad, false",
        "name, good, none, true",
        "name, good, bad, true",
        "name, bad, good, false",
        "uri, bad, good, true",
        "uri, good, good, true",
        "uri, good, bad, false",
        "uri, good, none, false"
    })
    void oneOfTheNamesThatAreAskedForSuffices(String asked, String name, String uri, boolean letIn) throws Exception {
        X509Bundle own = issued(
                AUTHORITY,
                name.equals("good") ? NAME : "somebody",
                switch (uri) {
                    case "good" -> URI;
                    case "bad" -> "spiffe://example.org/other";
                    default -> null;
                });
        try (Served served = serve(expected(asked), settings -> settings)) {
            if (letIn) {
                assertLetIn(served, own);
            } else {
                assertCut(served, own, SyncEnd.WRONG_PEER);
            }
        }
    }

    @Test
    void certificatesOfAnotherAuthorityAreRefused() throws Exception {
        try (Served served = serve(expected("both"), settings -> settings)) {
            assertCut(served, issued(OTHER_AUTHORITY, NAME, URI), SyncEnd.TLS_FAILED);
        }
    }

    @Test
    void aClientWithoutACertificateIsRefused() throws Exception {
        try (Served served = serve(null, settings -> settings)) {
            assertCut(served, null, SyncEnd.TLS_FAILED);
        }
    }

    @Test
    void withoutNamesEveryCertificateOfTheAuthorityWillDo() throws Exception {
        try (Served served = serve(null, settings -> settings)) {
            assertLetIn(served, issued(AUTHORITY, "whoever", null));
        }
    }

    @Test
    void aClientInCleartextIsDroppedAndToldNothing() {
        try (Served served = serve(expected("both"), settings -> settings)) {
            Visitor plain = served.stranger().hello(Hello.PLAIN);
            plain.untilClosed();
            assertThat(plain.received()).isEmpty();
            served.awaitEnded(SyncEnd.TLS_FAILED, 1);
        }
    }

    @Test
    void aHalfOpenHandshakeEndsAtTheDeadlineAndDelaysNobody() throws Exception {
        Duration deadline = Duration.ofMillis(400);
        HandClock clock = new HandClock();
        try (Served served = serve(expected("both"), settings -> settings.handshakeTimeout(deadline), clock);
                Socket half = new Socket("127.0.0.1", served.port())) {
            served.awaitConnections(1);
            half.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0}); // the head of a record
            clock.pass(deadline.minusNanos(1));
            assertLetIn(served, issued(AUTHORITY, NAME, URI));
            assertThat(served.seen("ended null NO_HELLO")).isZero();
            clock.pass(Duration.ofNanos(1));
            assertThat(half.getInputStream().read()).isEqualTo(-1);
            served.awaitEnded(SyncEnd.NO_HELLO, 1);
        }
    }

    @Test
    void namesAreAskedForOnlyWhereCertificatesAre() {
        SyncServerSpec spec = SyncServerSpec.of("127.0.0.1", 0);
        ServerTls lax = ServerTls.of(Credential.of(SERVER.getKeyPair().getPrivate(), SERVER.getCertificatePathList()));
        assertThatThrownBy(() -> spec.withTls(lax, SyncPeer.named(NAME)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tls: clients need no certificate"
                        + " (expected: certificates of clients, which are to be checked for CN typha-client)");
        assertThatThrownBy(() -> new SyncPeer(null, null))
                .hasMessageContaining("expected: a common name, a URI or both");
    }
}
