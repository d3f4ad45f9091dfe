package io.headgate.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class PemFilesTest {

    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Pki PKI = new Pki();

    @TempDir
    private Path folder;

    private Path chain;
    private Path key;

    @BeforeEach
    void name() {
        chain = folder.resolve("chain.pem");
        key = folder.resolve("key.pem");
    }

    private void write(X509Bundle bundle) throws IOException {
        Files.writeString(chain, bundle.getCertificatePathPEM());
        Files.writeString(key, bundle.getPrivateKeyPEM());
    }

    private static String subject(CertificateSet set) {
        return set.credentials().get(0).chain().get(0).getSubjectX500Principal().getName();
    }

    @ParameterizedTest
    @EnumSource(
            value = CertificateBuilder.Algorithm.class,
            names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
    void keysOfTheUsualAlgorithmsAreRead(CertificateBuilder.Algorithm algorithm) throws IOException {
        write(PKI.issue(
                new CertificateBuilder().algorithm(algorithm).subject("CN=a").addSanDnsName("a.example")));
        Credential read = Credential.pem(chain, key);
        assertThat(read.names()).containsExactly("a.example");
        assertThat(read.chain()).hasSize(1);
    }

    @Test
    void rsaKeyInItsOldFormIsRead() throws IOException {
        X509Bundle bundle =
                PKI.issue(new CertificateBuilder().rsa2048().subject("CN=a").addSanDnsName("a.example"));
        write(bundle);
        byte[] pkcs8 = bundle.getKeyPair().getPrivate().getEncoded();
        byte[] pkcs1 = java.util.Arrays.copyOfRange(pkcs8, 26, pkcs8.length); // what follows the algorithm
        Files.writeString(
                key,
                "-----BEGIN RSA PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(pkcs1)
                        + "\n-----END RSA PRIVATE KEY-----\n");
        assertThat(Credential.pem(chain, key).key())
                .isEqualTo(bundle.getKeyPair().getPrivate());
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        X509Bundle bundle = PKI.issue("a", "a.example");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credential.pem(chain, key))
                .withMessage(chain + " (expected: a file that can be read)");
        write(bundle);
        Files.writeString(key, "nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credential.pem(chain, key))
                .withMessage(key + " (expected: a private key in PEM)");
        Files.writeString(key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credential.pem(chain, key))
                .withMessageStartingWith(key + " (expected: a key that is not encrypted");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credential.pem(chain, key))
                .withMessage(key + " (expected: a private key of one of [RSA, EC, EdDSA])");
        Files.writeString(key, PKI.issue("b", "b.example").getPrivateKeyPEM());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credential.pem(chain, key))
                .withMessage(key + ": key: not that of the certificate of CN=a (expected: its private key)");
        Files.writeString(chain, "nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustAnchors.pem(chain))
                .withMessage(chain + " (expected: certificates in PEM)");
    }

    @Test
    void watchGivesWhatChangedAndKeepsTheLastGood() throws IOException {
        write(PKI.issue("one", "a.example"));
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        StepVerifier.create(PemFiles.of(chain, key).watch(EVERY, time))
                .then(time::advanceTime)
                .assertNext(set -> assertThat(subject(set)).isEqualTo("CN=one"))
                .then(() -> time.advanceTimeBy(EVERY.multipliedBy(3))) // nothing new
                .then(() -> rewrite(chain, PKI.issue("two", "a.example").getCertificatePathPEM()))
                .then(() -> time.advanceTimeBy(EVERY.multipliedBy(2))) // no pair
                .then(() -> delete(key))
                .then(() -> time.advanceTimeBy(EVERY))
                .then(() -> replace(PKI.issue("three", "a.example")))
                .then(() -> time.advanceTimeBy(EVERY))
                .assertNext(set -> assertThat(subject(set)).isEqualTo("CN=three"))
                .thenCancel()
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void pairThatStaysIsTheSameCredential() throws IOException {
        write(PKI.issue("one", "a.example"));
        Path otherChain = Files.copy(chain, folder.resolve("other-chain.pem"));
        Path otherKey = Files.copy(key, folder.resolve("other-key.pem"));
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        List<CertificateSet> sets = new ArrayList<>();
        StepVerifier.create(PemFiles.of(chain, key).and(otherChain, otherKey).watch(EVERY, time))
                .then(time::advanceTime)
                .assertNext(sets::add)
                .then(() -> replace(PKI.issue("two", "a.example")))
                .then(() -> time.advanceTimeBy(EVERY))
                .assertNext(sets::add)
                .thenCancel()
                .verify(Duration.ofSeconds(20));
        assertThat(sets.get(1).credentials().get(1))
                .isSameAs(sets.get(0).credentials().get(1));
        assertThat(subject(sets.get(1))).isEqualTo("CN=two");
    }

    @Test
    void watchWaitsForTheFirstGoodFiles() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        StepVerifier.create(PemFiles.of(chain, key).watch(EVERY, time))
                .then(() -> time.advanceTimeBy(EVERY))
                .then(() -> replace(PKI.issue("late", "a.example")))
                .then(() -> time.advanceTimeBy(EVERY))
                .assertNext(set -> assertThat(subject(set)).isEqualTo("CN=late"))
                .thenCancel()
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void slowSubscriberGetsTheNewestState() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        replace(PKI.issue("one", "a.example"));
        StepVerifier.create(PemFiles.of(chain, key).watch(EVERY, time), 1)
                .then(time::advanceTime)
                .assertNext(set -> assertThat(subject(set)).isEqualTo("CN=one"))
                .then(() -> replace(PKI.issue("two", "a.example")))
                .then(() -> time.advanceTimeBy(EVERY))
                .then(() -> replace(PKI.issue("three", "a.example")))
                .then(() -> time.advanceTimeBy(EVERY))
                .thenRequest(1)
                .then(() -> time.advanceTimeBy(EVERY))
                .assertNext(set -> assertThat(subject(set)).isEqualTo("CN=three"))
                .thenCancel()
                .verify(Duration.ofSeconds(20));
    }

    private void replace(X509Bundle bundle) {
        rewrite(chain, bundle.getCertificatePathPEM());
        rewrite(key, bundle.getPrivateKeyPEM());
    }

    private static void rewrite(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
