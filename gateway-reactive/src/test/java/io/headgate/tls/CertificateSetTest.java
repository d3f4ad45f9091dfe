package io.headgate.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateSetTest {

    private static final Pki PKI = new Pki();
    private static final Credential CREDENTIAL =
            PKI.credential("example.org", "*.example.org", "Mixed.Example.NET", "10.0.0.1", "2001:db8::1", "*.com");

    @ParameterizedTest
    @CsvSource({
        "example.org, true",
        "EXAMPLE.ORG, true",
        "example.org., true",
        "example.org:8443, true",
        "a.example.org, true",
        "a.example.org.:1, true",
        "a.b.example.org, false",
        ".example.org, false",
        "xexample.org, false",
        "example.org.evil.net, false",
        "mixed.example.net, true",
        "10.0.0.1, true",
        "10.0.0.1:443, true",
        "10.0.0.2, false",
        "[2001:db8::1], true",
        "[2001:0db8:0:0:0:0:0:1]:443, true",
        "[2001:db8::2], false",
        "anything.com, false",
        "'', false",
    })
    void credentialCoversTheHostsOfItsCertificate(String authority, boolean covered) {
        assertThat(CREDENTIAL.covers(authority)).isEqualTo(covered);
    }

    @Test
    void namesAreThoseOfTheCertificate() {
        assertThat(CREDENTIAL.names()).containsExactly("example.org", "mixed.example.net", "*.example.org");
        assertThat(CREDENTIAL.toString()).contains("example.org").doesNotContain("key");
    }

    @Test
    void commonNameIsNoName() {
        Credential unnamed =
                Pki.credential(PKI.issue(new CertificateBuilder().ecp256().subject("CN=example.org")));
        assertThat(unnamed.names()).isEmpty();
        assertThat(unnamed.covers("example.org")).isFalse();
    }

    @Test
    void earlierCredentialHasTheName() {
        Credential first = PKI.credential("a.example", "*.b.example");
        Credential second = PKI.credential("a.example", "x.b.example", "*.b.example");
        CertificateSet set = CertificateSet.of(first, second);
        assertThat(set.select("a.example")).isSameAs(first);
        assertThat(set.select("x.b.example")).isSameAs(second);
        assertThat(set.select("y.b.example")).isSameAs(first);
        assertThat(set.select(null)).isSameAs(first);
        assertThat(set.select("")).isSameAs(first);
        assertThat(set.select(".")).isSameAs(first);
    }

    @Test
    void keyMustBeThatOfTheCertificate() {
        X509Bundle one = PKI.issue("one", "one.example");
        X509Bundle two = PKI.issue("two", "two.example");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credential.of(two.getKeyPair().getPrivate(), one.getCertificatePathList()))
                .withMessage("key: not that of the certificate of CN=one (expected: its private key)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credential.of(two.getKeyPair().getPrivate(), List.of()))
                .withMessageStartingWith("chain: empty (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateSet.of(List.of()))
                .withMessage("credentials: none (expected: at least one)");
    }
}
