package io.headgate.tap.linkerd;

import io.headgate.tls.Credential;
import io.headgate.tls.TrustAnchors;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;

/** An authority and what it has issued. */
final class Certificates {

    private final X509Bundle authority;

    Certificates() {
        try {
            authority = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=Authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    TrustAnchors trust() {
        return TrustAnchors.of(List.of(authority.getCertificate()));
    }

    /** A certificate for a DNS name, a URI or 127.0.0.1. */
    Credential of(String name) {
        CertificateBuilder builder = new CertificateBuilder().ecp256().subject("CN=" + name.replace("//", ""));
        try {
            if (name.contains("://")) {
                builder.addSanUriName(name);
            } else if (Character.isDigit(name.charAt(0))) {
                builder.addSanIpAddress(name);
            } else {
                builder.addSanDnsName(name);
            }
            X509Bundle issued = builder.buildIssuedBy(authority);
            return Credential.of(issued.getKeyPair().getPrivate(), issued.getCertificatePathList());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
