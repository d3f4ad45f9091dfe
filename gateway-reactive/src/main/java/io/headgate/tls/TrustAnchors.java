package io.headgate.tls;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;

/** Whose certificates are believed. Immutable. */
public final class TrustAnchors {

    private static final TrustAnchors SYSTEM = new TrustAnchors(List.of());

    private final List<X509Certificate> certificates;

    private TrustAnchors(List<X509Certificate> certificates) {
        this.certificates = List.copyOf(certificates);
    }

    /**
     * The public authorities that the Java runtime comes with.
     *
     * @return the anchors of the runtime
     */
    public static TrustAnchors system() {
        return SYSTEM;
    }

    /**
     * Certain authorities and nobody else.
     *
     * @param certificates at least one
     * @return the anchors
     * @throws IllegalArgumentException when there is none
     */
    public static TrustAnchors of(List<X509Certificate> certificates) {
        Objects.requireNonNull(certificates, "certificates");
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("certificates: none (expected: at least one authority)");
        }
        return new TrustAnchors(certificates);
    }

    /**
     * Certain authorities and nobody else, from a file. Blocks while it reads.
     *
     * @param file certificates in PEM
     * @return the anchors
     * @throws IllegalArgumentException when the file cannot be read or holds no certificates; the message names it
     */
    public static TrustAnchors pem(Path file) {
        return new TrustAnchors(Pem.certificates(file, Pem.read(file)));
    }

    /**
     * Whether these are those of the runtime.
     *
     * @return true for {@link #system}
     */
    public boolean isSystem() {
        return certificates.isEmpty();
    }

    /**
     * The authorities.
     *
     * @return their certificates; empty for {@link #system}
     */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    @Override
    public String toString() {
        return isSystem()
                ? "anchors of the system"
                : certificates.stream()
                        .map(X509Certificate::getSubjectX500Principal)
                        .toList()
                        .toString();
    }
}
