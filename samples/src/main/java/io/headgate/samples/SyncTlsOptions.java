package io.headgate.samples;

import io.headgate.sync.SyncPeer;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.ServerTls.ClientAuth;
import io.headgate.tls.TrustAnchors;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** TLS of either end of a sync stream: both show a certificate and look for a name in that of the other. All of it or nothing. */
final class SyncTlsOptions {

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificates to show, in PEM, the own one first.")
    private @Nullable Path cert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The key of --tls-cert in PEM, not encrypted.")
    private @Nullable Path key;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "Authorities in PEM that the other end is trusted by.")
    private @Nullable Path authorities;

    @Option(
            names = "--tls-peer-cn",
            paramLabel = "NAME",
            description = "The common name that the other end must have; with --tls-peer-uri either suffices.")
    private @Nullable String commonName;

    @Option(
            names = "--tls-peer-uri",
            paramLabel = "URI",
            description = "The URI that the other end must have among its alternative names.")
    private @Nullable String uri;

    /** Null without TLS. */
    @Nullable ServerTls server() {
        return isOff()
                ? null
                : ServerTls.of(credential()).withClientAuth(ClientAuth.REQUIRED, TrustAnchors.pem(authorities()));
    }

    /** Null without TLS. Host names are not checked: the name is that of the peer. */
    @Nullable ClientTls client() {
        return isOff()
                ? null
                : ClientTls.DEFAULTS
                        .withCredential(credential())
                        .withTrust(TrustAnchors.pem(authorities()))
                        .dangerouslyWithoutHostNameCheck();
    }

    /** There has to be TLS. */
    SyncPeer peer() {
        if (commonName == null && uri == null) {
            throw new UserMistake("--tls-peer-cn: missing (expected: it or --tls-peer-uri, with TLS)");
        }
        return new SyncPeer(commonName, uri);
    }

    private boolean isOff() {
        return cert == null && key == null && authorities == null && commonName == null && uri == null;
    }

    private Credential credential() {
        return Credential.pem(present("--tls-cert", cert), present("--tls-key", key));
    }

    private Path authorities() {
        return present("--tls-ca", authorities);
    }

    private static Path present(String option, @Nullable Path value) {
        if (value == null) {
            throw new UserMistake(option + ": missing (expected: a certificate, its key and authorities, or no TLS)");
        }
        return value;
    }
}
