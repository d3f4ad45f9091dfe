package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.tls.CertificateSet;
import io.headgate.tls.Credential;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TlsProvider;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.security.PrivateKey;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Which certificate a listener shows, and for which authorities it speaks with it. */
class ListenerCertificatesTest extends ListenerTlsTestBase {

    private static String shownTo(SSLSocket socket) throws IOException {
        return Pki.shown(socket).getSubjectX500Principal().getName();
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void certificateIsChosenByNameThenByWildcardThenTheFirst(TlsProvider provider) throws Exception {
        Listener listener = listen(ServerTls.of(
                        PKI.credential("default.example"),
                        PKI.credential("*.shop.example", "shop.example"),
                        PKI.credential("special.shop.example"))
                .withProvider(provider));
        assertThat(shownTo(connect(listener, "special.shop.example"))).isEqualTo("CN=special.shop.example");
        assertThat(shownTo(connect(listener, "SPECIAL.shop.example"))).isEqualTo("CN=special.shop.example");
        assertThat(shownTo(connect(listener, "any.shop.example"))).isEqualTo("CN=*.shop.example");
        assertThat(shownTo(connect(listener, "shop.example"))).isEqualTo("CN=*.shop.example");
        assertThat(shownTo(connect(listener, "a.b.shop.example"))).isEqualTo("CN=default.example");
        assertThat(shownTo(connect(listener, "unknown.example"))).isEqualTo("CN=default.example");
        assertThat(shownTo(connect(listener, "127.0.0.1"))).isEqualTo("CN=default.example"); // sends no name
        Awaitility.await().atMost(LONG).until(() -> listener.tls().handshakes() == 7);
        assertThat(listener.tls().failedHandshakes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void newCertificatesAreForNewConnectionsAndOldOnesGoOn(TlsProvider provider) throws Exception {
        CertificateSet before = CertificateSet.of(Pki.credential(PKI.issue("before", "test.example")));
        CertificateSet after = CertificateSet.of(Pki.credential(PKI.issue("after", "test.example")));
        Sinks.Many<CertificateSet> source = Sinks.many().replay().latest();
        source.tryEmitNext(before).orThrow();
        Listener listener = listen(ServerTls.of(source.asFlux()).withProvider(provider));
        SSLSocket old = connect(listener, "test.example");
        assertThat(get(old, "test.example")).isEqualTo(200);

        source.tryEmitNext(after).orThrow();
        Awaitility.await().atMost(LONG).until(() -> listener.tls().certificates() == after);

        assertThat(shownTo(connect(listener, "test.example"))).isEqualTo("CN=after");
        assertThat(get(old, "test.example")).isEqualTo(200);
        assertThat(shownTo(old)).isEqualTo("CN=before");
        listener.closeAsync().block(LONG);
        Awaitility.await().atMost(LONG).until(() -> source.currentSubscriberCount() == 0);
    }

    @Test
    void unusableCertificatesAreRefusedAndTheLastGoodStay() throws Exception {
        Sinks.Many<CertificateSet> source = Sinks.many().replay().latest();
        source.tryEmitNext(CertificateSet.of(PKI.credential("good.example"))).orThrow();
        Listener listener = listen(ServerTls.of(source.asFlux()).withProvider(TlsProvider.JDK));
        source.tryEmitNext(unusable()).orThrow();
        CertificateSet better = CertificateSet.of(PKI.credential("better.example"));
        assertThat(shownTo(connect(listener, "good.example"))).isEqualTo("CN=good.example");
        source.tryEmitNext(better).orThrow();
        Awaitility.await().atMost(LONG).until(() -> listener.tls().certificates() == better);
    }

    @Test
    void listenerDoesNotOpenWithUnusableCertificatesOrNone() {
        ListenerSpec spec = ListenerSpec.of("127.0.0.1", 0);
        StepVerifier.create(gateway.listen(
                        spec.withTls(ServerTls.of(unusable()).withProvider(TlsProvider.JDK)), exchange -> Mono.empty()))
                .expectErrorMatches(e ->
                        e instanceof IllegalArgumentException && e.getMessage().endsWith("(expected: usable ones)"))
                .verify(LONG);
        StepVerifier.create(gateway.listen(spec.withTls(ServerTls.of(Flux.empty())), exchange -> Mono.empty()))
                .expectErrorMessage("certificates: none (expected: at least one set)")
                .verify(LONG);
        StepVerifier.create(gateway.listen(
                        spec.withTls(ServerTls.of(Flux.error(new IOException("gone")))), exchange -> Mono.empty()))
                .expectErrorMessage("gone")
                .verify(LONG);
    }

    @Test
    void sourceIsLeftWhenThePortCannotBeOpened() {
        Sinks.Many<CertificateSet> source = Sinks.many().replay().latest();
        source.tryEmitNext(CertificateSet.of(PKI.credential("test.example"))).orThrow();
        ServerTls tls = ServerTls.of(source.asFlux());
        Listener first = listen(tls);
        StepVerifier.create(gateway.listen(
                        ListenerSpec.of("127.0.0.1", first.port()).withTls(tls), exchange -> Mono.empty()))
                .expectError(IOException.class)
                .verify(LONG);
        assertThat(source.currentSubscriberCount()).isEqualTo(1);
    }

    /** With a key that no provider can use. */
    private static CertificateSet unusable() {
        PrivateKey useless = new PrivateKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getAlgorithm() {
                return "none";
            }

            @Override
            public String getFormat() {
                return null;
            }

            @Override
            public byte[] getEncoded() {
                return null;
            }
        };
        return CertificateSet.of(
                Credential.of(useless, PKI.issue("useless", "test.example").getCertificatePathList()));
    }

    @Test
    void commonNameIsNoNameOfACertificate() throws Exception {
        Listener listener = listen(ServerTls.of(
                Pki.credential(PKI.issue(new CertificateBuilder().ecp256().subject("CN=test.example")))));
        assertThat(get(connect(listener, "test.example"), "test.example")).isEqualTo(421);
    }

    @Test
    void authoritiesAreNotCheckedWhenThatIsTurnedOff() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example")).withAuthorityCheck(false));
        assertThat(get(connect(listener, "test.example"), "evil.example")).isEqualTo(200);
    }

    @Test
    void addressesOfACertificateAreAuthorities() throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("127.0.0.1", "::1")));
        SSLSocket socket = connect(listener, "127.0.0.1");
        assertThat(get(socket, "127.0.0.1:" + listener.port())).isEqualTo(200);
        assertThat(get(socket, "[0:0:0:0:0:0:0:1]:443")).isEqualTo(200);
        assertThat(get(socket, "127.0.0.2")).isEqualTo(421);
    }
}
