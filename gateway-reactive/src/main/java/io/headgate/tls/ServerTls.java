package io.headgate.tls;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * TLS of a listener. Clients choose HTTP/2 or HTTP/1.1 by ALPN; those that name neither speak HTTP/1.1. Immutable; each
 * {@code with} method returns a copy.
 *
 * @param certificates a state stream: connections that come after a new set was published get it, those that are open go on.
 *     Subscribed when the listener opens, which waits for the first set, and cancelled when it closes; a set that no
 *     context can be made of is logged and the one before stays. Its end changes nothing
 * @param clientAuth whether clients are asked for a certificate
 * @param clientTrust who may have issued the certificates of clients; null when they are not asked
 * @param handshakeTimeout from accept to the end of the handshake
 * @param maxClientHello largest ClientHello in bytes, however many records it comes in
 * @param leastVersion the oldest version that is spoken
 * @param provider what does the cryptography
 * @param checksAuthority whether a request for an authority that the certificate of its connection does not stand for is
 *     answered 421 (RFC 9110 section 15.5.20); without it, clients of one tenant can ask for another
 */
public record ServerTls(
        Flux<CertificateSet> certificates,
        ClientAuth clientAuth,
        @Nullable TrustAnchors clientTrust,
        Duration handshakeTimeout,
        int maxClientHello,
        TlsVersion leastVersion,
        TlsProvider provider,
        boolean checksAuthority) {

    /** 10 seconds: enough for a slow phone, too short for a drip. */
    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    /** 16 KiB: some ten times what browsers send, post-quantum keys and tickets counted. */
    public static final int DEFAULT_MAX_CLIENT_HELLO = 16 * 1024;

    private static final int MOST_CLIENT_HELLO = (1 << 24) - 1; // its length has 24 bits

    /** Whether a client shows a certificate. */
    public enum ClientAuth {
        /** It is not asked. */
        NONE,
        /** It is asked, and may come without; one that is shown must be valid. */
        OPTIONAL,
        /** It is asked, and the handshake fails without a valid one. */
        REQUIRED
    }

    /** Checks the parts. */
    public ServerTls {
        Objects.requireNonNull(certificates, "certificates");
        Objects.requireNonNull(clientAuth, "clientAuth");
        Objects.requireNonNull(leastVersion, "leastVersion");
        Objects.requireNonNull(provider, "provider");
        if (clientAuth != ClientAuth.NONE && clientTrust == null) {
            throw new IllegalArgumentException(
                    "clientTrust: none (expected: the issuers of client certificates, which are " + clientAuth + ")");
        }
        if (handshakeTimeout.isNegative()
                || handshakeTimeout.isZero()
                || handshakeTimeout.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "handshakeTimeout: " + handshakeTimeout + " (expected: 1 millisecond to 1 day)");
        }
        if (maxClientHello < 512 || maxClientHello > MOST_CLIENT_HELLO) {
            throw new IllegalArgumentException(
                    "maxClientHello: " + maxClientHello + " (expected: 512.." + MOST_CLIENT_HELLO + ")");
        }
    }

    /**
     * TLS with certificates that may change.
     *
     * @param certificates a state stream of them, such as {@link PemFiles#watch}
     * @return with defaults for the rest
     */
    public static ServerTls of(Flux<CertificateSet> certificates) {
        return new ServerTls(
                certificates,
                ClientAuth.NONE,
                null,
                DEFAULT_HANDSHAKE_TIMEOUT,
                DEFAULT_MAX_CLIENT_HELLO,
                TlsVersion.TLS_1_2,
                TlsProvider.AUTO,
                true);
    }

    /**
     * TLS with certificates that stay.
     *
     * @param certificates what clients get
     * @return with defaults for the rest
     */
    public static ServerTls of(CertificateSet certificates) {
        return of(Flux.just(certificates));
    }

    /**
     * TLS with certificates that stay.
     *
     * @param first what clients get that name no host, or none that is known
     * @param more the others
     * @return with defaults for the rest
     */
    public static ServerTls of(Credential first, Credential... more) {
        return of(CertificateSet.of(first, more));
    }

    /**
     * A copy that asks clients for a certificate.
     *
     * @param changed whether they must show one
     * @param trust who may have issued it
     * @return the copy
     */
    public ServerTls withClientAuth(ClientAuth changed, TrustAnchors trust) {
        return new ServerTls(
                certificates,
                changed,
                trust,
                handshakeTimeout,
                maxClientHello,
                leastVersion,
                provider,
                checksAuthority);
    }

    /**
     * A copy with another deadline for the handshake; {@link #DEFAULT_HANDSHAKE_TIMEOUT} without.
     *
     * @param changed 1 millisecond to 1 day
     * @return the copy
     */
    public ServerTls withHandshakeTimeout(Duration changed) {
        return new ServerTls(
                certificates,
                clientAuth,
                clientTrust,
                changed,
                maxClientHello,
                leastVersion,
                provider,
                checksAuthority);
    }

    /**
     * A copy with another bound for the ClientHello; {@link #DEFAULT_MAX_CLIENT_HELLO} without.
     *
     * @param changed bytes, at least 512
     * @return the copy
     */
    public ServerTls withMaxClientHello(int changed) {
        return new ServerTls(
                certificates,
                clientAuth,
                clientTrust,
                handshakeTimeout,
                changed,
                leastVersion,
                provider,
                checksAuthority);
    }

    /**
     * A copy that refuses older versions; TLS 1.2 is the oldest without.
     *
     * @param changed the oldest version that is spoken
     * @return the copy
     */
    public ServerTls withLeastVersion(TlsVersion changed) {
        return new ServerTls(
                certificates,
                clientAuth,
                clientTrust,
                handshakeTimeout,
                maxClientHello,
                changed,
                provider,
                checksAuthority);
    }

    /**
     * A copy with another provider; {@link TlsProvider#AUTO} without.
     *
     * @param changed what does the cryptography
     * @return the copy
     */
    public ServerTls withProvider(TlsProvider changed) {
        return new ServerTls(
                certificates,
                clientAuth,
                clientTrust,
                handshakeTimeout,
                maxClientHello,
                leastVersion,
                changed,
                checksAuthority);
    }

    /**
     * A copy that takes requests for any authority, or not; it does not without.
     *
     * @param changed whether to answer 421 to requests that the certificate does not stand for
     * @return the copy
     */
    public ServerTls withAuthorityCheck(boolean changed) {
        return new ServerTls(
                certificates,
                clientAuth,
                clientTrust,
                handshakeTimeout,
                maxClientHello,
                leastVersion,
                provider,
                changed);
    }
}
