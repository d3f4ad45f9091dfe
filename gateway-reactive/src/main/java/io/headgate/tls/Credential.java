package io.headgate.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A private key with the chain of its certificate: what one side of a connection proves itself with. Immutable; any thread
 * may use it.
 */
public final class Credential {

    private final PrivateKey key;
    private final List<X509Certificate> chain;
    private final SubjectNames names;

    private Credential(PrivateKey key, List<X509Certificate> chain) {
        this.key = Objects.requireNonNull(key, "key");
        this.chain = List.copyOf(chain);
        if (this.chain.isEmpty()) {
            throw new IllegalArgumentException("chain: empty (expected: the certificate of the key, then its issuers)");
        }
        this.names = new SubjectNames(this.chain.get(0));
        checkPair(key, this.chain.get(0));
    }

    /**
     * A key and its certificates.
     *
     * @param key the private key; one that a security module keeps will do
     * @param chain the certificate of the key, then its issuers up to the root, which may be left out
     * @return the credential
     * @throws IllegalArgumentException when the chain is empty or the key is not that of its first certificate
     */
    public static Credential of(PrivateKey key, List<X509Certificate> chain) {
        return new Credential(key, chain);
    }

    /**
     * Reads a key and its certificates from files. Blocks while it reads.
     *
     * @param chain certificates in PEM, that of the key first
     * @param key the private key in PEM: PKCS #8, or PKCS #1 for RSA; not encrypted
     * @return the credential
     * @throws IllegalArgumentException when a file cannot be read, is not of that form, or the two do not belong together;
     *     the message names the file
     */
    public static Credential pem(Path chain, Path key) {
        return PemFiles.of(chain, key).load().credentials().get(0);
    }

    private static void checkPair(PrivateKey key, X509Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "EdDSA", "Ed25519" -> "EdDSA";
            default -> "";
        };
        if (algorithm.isEmpty()) {
            return; // the handshake will tell
        }
        try {
            byte[] proof = {1, 2, 3};
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(proof);
            byte[] signed = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate.getPublicKey());
            verifying.update(proof);
            if (verifying.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw mismatch(certificate, e);
        }
        throw mismatch(certificate, null);
    }

    private static IllegalArgumentException mismatch(X509Certificate certificate, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "key: not that of the certificate of " + certificate.getSubjectX500Principal()
                        + " (expected: its private key)",
                cause);
    }

    /**
     * The private key.
     *
     * @return the key
     */
    public PrivateKey key() {
        return key;
    }

    /**
     * The certificates.
     *
     * @return that of the key first
     */
    public List<X509Certificate> chain() {
        return chain;
    }

    /**
     * The DNS names that the certificate stands for.
     *
     * @return names in lower case, wildcards with their asterisk
     */
    public List<String> names() {
        return Stream.concat(names.exact().stream(), names.wildcards().stream().map(parent -> "*" + parent))
                .toList();
    }

    /**
     * Whether the certificate stands for the host of an authority: by an alternative name of type DNS, where an asterisk
     * is exactly one label, or of type address (RFC 9525 section 6.3). The common name does not count.
     *
     * @param authority host and optional port
     * @return true when it does
     */
    public boolean covers(String authority) {
        return names.cover(authority);
    }

    SubjectNames subjectNames() {
        return names;
    }

    @Override
    public String toString() {
        return "credential of " + chain.get(0).getSubjectX500Principal() + " for " + names() + " until "
                + chain.get(0).getNotAfter().toInstant();
    }
}
