package io.headgate.samples;

import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TrustAnchors;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/**
 * A certificate for this machine and its authority, in files.
 *
 * @param root the authority
 * @param chain the certificate
 * @param key its key
 * @param context what a client of the JDK needs to trust it
 */
public record TestCertificates(Path root, Path chain, Path key, SSLContext context) {

    /** Makes them in a folder. */
    public static TestCertificates create(Path folder) throws Exception {
        X509Bundle authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=Authority")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle own = new CertificateBuilder()
                .ecp256()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .addSanIpAddress("127.0.0.1")
                .buildIssuedBy(authority);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                own.toKeyManagerFactory().getKeyManagers(),
                authority.toTrustManagerFactory().getTrustManagers(),
                null);
        return new TestCertificates(
                Files.writeString(folder.resolve("root.pem"), authority.getCertificatePEM()),
                Files.writeString(folder.resolve("chain.pem"), own.getCertificatePathPEM()),
                Files.writeString(folder.resolve("key.pem"), own.getPrivateKeyPEM()),
                context);
    }

    /** TLS of a listener. */
    public ServerTls server() {
        return ServerTls.of(Credential.pem(chain, key));
    }

    /** TLS to an upstream that has the same certificate. */
    public ClientTls client() {
        return ClientTls.DEFAULTS.withTrust(TrustAnchors.pem(root));
    }
}
