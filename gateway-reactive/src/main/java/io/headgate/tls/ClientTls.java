package io.headgate.tls;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * TLS to an upstream. Immutable; {@link #DEFAULTS} trust the authorities of the Java runtime and check the name of the host.
 * Each {@code with} method returns a copy.
 *
 * @param trust who may have issued the certificate of the upstream
 * @param credential what the upstream is shown when it asks for a certificate, or null
 * @param checksHostName whether the certificate must be for the host of the URL, or for {@code serverName}
 * @param serverName the name to ask for (SNI) and to check, or null for the host of the URL
 * @param leastVersion the oldest version that is spoken
 * @param provider what does the cryptography
 */
public record ClientTls(
        TrustAnchors trust,
        @Nullable Credential credential,
        boolean checksHostName,
        @Nullable String serverName,
        TlsVersion leastVersion,
        TlsProvider provider) {

    /** Authorities of the runtime, host names checked, no client certificate, TLS 1.2 and 1.3. */
    public static final ClientTls DEFAULTS =
            new ClientTls(TrustAnchors.system(), null, true, null, TlsVersion.TLS_1_2, TlsProvider.AUTO);

    /** Checks the parts. */
    public ClientTls {
        Objects.requireNonNull(trust, "trust");
        Objects.requireNonNull(leastVersion, "leastVersion");
        Objects.requireNonNull(provider, "provider");
        if (serverName != null && !SubjectNames.isHostName(serverName)) {
            throw new IllegalArgumentException("serverName: " + serverName + " (expected: a DNS name)");
        }
    }

    /**
     * A copy that believes others.
     *
     * @param changed who may have issued the certificate of the upstream
     * @return the copy
     */
    public ClientTls withTrust(TrustAnchors changed) {
        return new ClientTls(changed, credential, checksHostName, serverName, leastVersion, provider);
    }

    /**
     * A copy that shows a certificate where it is asked for one.
     *
     * @param changed the certificate with its key
     * @return the copy
     */
    public ClientTls withCredential(Credential changed) {
        return new ClientTls(trust, changed, checksHostName, serverName, leastVersion, provider);
    }

    /**
     * A copy that asks for another name than that of the URL, and checks the certificate for it: for upstreams that are
     * dialled by address.
     *
     * @param changed a DNS name
     * @return the copy
     */
    public ClientTls withServerName(String changed) {
        return new ClientTls(trust, credential, checksHostName, changed, leastVersion, provider);
    }

    /**
     * A copy that refuses older versions.
     *
     * @param changed the oldest version that is spoken
     * @return the copy
     */
    public ClientTls withLeastVersion(TlsVersion changed) {
        return new ClientTls(trust, credential, checksHostName, serverName, changed, provider);
    }

    /**
     * A copy with another provider.
     *
     * @param changed what does the cryptography
     * @return the copy
     */
    public ClientTls withProvider(TlsProvider changed) {
        return new ClientTls(trust, credential, checksHostName, serverName, leastVersion, changed);
    }

    /**
     * A copy that takes the certificate of any host that the trusted authorities have issued. <b>Dangerous:</b> whoever has
     * any such certificate can stand between the gateway and the upstream. Only with authorities that issue certificates
     * for this upstream and nobody else.
     *
     * @return the copy
     */
    public ClientTls dangerouslyWithoutHostNameCheck() {
        return new ClientTls(trust, credential, false, serverName, leastVersion, provider);
    }
}
