package io.headgate.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** An authority with the certificates and the blocking sockets of a test. */
public final class Pki {

    private final X509Bundle authority;

    /** A new authority, which nobody trusts yet. */
    public Pki() {
        try {
            authority = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=Authority " + System.nanoTime())
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public TrustAnchors trust() {
        return TrustAnchors.of(List.of(authority.getCertificate()));
    }

    public String rootPem() {
        return authority.getCertificatePEM();
    }

    /** A certificate for names and addresses, for either side. */
    public X509Bundle issue(String subject, String... names) {
        CertificateBuilder builder = new CertificateBuilder().ecp256().subject("CN=" + subject);
        return issue(builder.addExtensionOctetString("2.5.29.17", false, alternativeNames(names)));
    }

    /** In DER (RFC 5280 section 4.2.1.6), as the builder refuses asterisks. */
    private static byte[] alternativeNames(String... names) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String name : names) {
            boolean address = Character.isDigit(name.charAt(0)) || name.startsWith(":");
            byte[] value = address
                    ? NetUtil.createByteArrayFromIpAddressString(name)
                    : name.getBytes(StandardCharsets.US_ASCII);
            all.write(0x80 | (address ? 7 : name.contains("://") ? 6 : 2));
            all.write(value.length);
            all.writeBytes(value);
        }
        ByteArrayOutputStream sequence = new ByteArrayOutputStream();
        sequence.write(0x30);
        if (all.size() > 127) {
            sequence.write(0x81);
        }
        sequence.write(all.size());
        sequence.writeBytes(all.toByteArray());
        return sequence.toByteArray();
    }

    public X509Bundle issue(CertificateBuilder builder) {
        try {
            return builder.buildIssuedBy(authority);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public Credential credential(String... names) {
        return credential(issue(names[0], names));
    }

    public static Credential credential(X509Bundle bundle) {
        return Credential.of(bundle.getKeyPair().getPrivate(), bundle.getCertificatePathList());
    }

    /** What a peer of the test is: it trusts this authority, and shows a certificate unless there is none. */
    public SSLContext context(X509Bundle own) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    own == null ? null : own.toKeyManagerFactory().getKeyManagers(),
                    authority.toTrustManagerFactory().getTrustManagers(),
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Shakes hands over a connection, which may be closed without TLS taking notice. */
    public static SSLSocket client(SSLContext context, Socket plain, String serverName, String... alpn)
            throws IOException {
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, serverName, plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** The same for the side that accepts. */
    public static SSLSocket server(SSLContext context, Socket plain, boolean askForCertificate, String... alpn)
            throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
        socket.setUseClientMode(false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(alpn);
        parameters.setNeedClientAuth(askForCertificate);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** The certificate that a socket was shown. */
    public static X509Certificate shown(SSLSocket socket) throws IOException {
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
}
