package io.headgate.samples;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.ListenerSpec;
import io.headgate.gateway.Upstream;
import io.headgate.mux.MuxSettings;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.PemFiles;
import io.headgate.tls.ServerTls;
import io.headgate.tls.ServerTls.ClientAuth;
import io.headgate.tls.TlsProvider;
import io.headgate.tls.TrustAnchors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** TLS of the port and to the upstreams. */
final class TlsOptions {

    private static final Duration LOOK = Duration.ofSeconds(5);

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Certificates of the port in PEM, its own first; with --tls-key clients speak TLS and choose"
                    + " HTTP/2 or HTTP/1.1 by ALPN. Files that change are read again.")
    private @Nullable Path cert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The key of --tls-cert in PEM, not encrypted.")
    private @Nullable Path key;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Authorities in PEM; clients must show a certificate of theirs.")
    private @Nullable Path clientAuthorities;

    @Option(
            names = "--upstream-ca",
            paramLabel = "FILE",
            description =
                    "Authorities in PEM that https:// and h2:// upstreams are trusted by. Default: those of Java.")
    private @Nullable Path upstreamAuthorities;

    @Option(
            names = "--upstream-cert",
            paramLabel = "FILE",
            description = "Certificates in PEM to show to upstreams, with --upstream-key.")
    private @Nullable Path upstreamCert;

    @Option(names = "--upstream-key", paramLabel = "FILE", description = "The key of --upstream-cert in PEM.")
    private @Nullable Path upstreamKey;

    @Option(
            names = "--tls-provider",
            paramLabel = "NAME",
            description = "What does the cryptography: auto, jdk or openssl. Default: auto.")
    private TlsProvider provider = TlsProvider.AUTO;

    /** The port, by TLS if that is asked for. */
    ListenerSpec protect(ListenAddress listen) {
        if (cert == null && key == null) {
            if (clientAuthorities != null) {
                throw new UserMistake(
                        "--tls-client-ca: " + clientAuthorities + " (expected: with --tls-cert and --tls-key)");
            }
            return listen.spec();
        }
        Path chain = present("--tls-cert", cert);
        Path chainKey = present("--tls-key", key);
        return UserMistake.ifRefused(() -> {
            PemFiles files = PemFiles.of(chain, chainKey);
            files.load(); // bad files are refused here, later ones are only logged
            ServerTls tls = ServerTls.of(files.watch(LOOK)).withProvider(provider);
            return listen.spec()
                    .withTls(
                            clientAuthorities == null
                                    ? tls
                                    : tls.withClientAuth(ClientAuth.REQUIRED, TrustAnchors.pem(clientAuthorities)));
        });
    }

    /** The upstreams; TLS options with one in cleartext are a mistake, which the gateway tells. */
    Upstream upstream(Gateway gateway, MuxSettings settings, List<String> urls) {
        String[] all = urls.toArray(String[]::new);
        boolean secure = urls.stream().anyMatch(url -> url.startsWith("https:") || url.startsWith("h2:"));
        boolean plain = upstreamAuthorities == null && upstreamCert == null && upstreamKey == null;
        if (plain && (!secure || provider == TlsProvider.AUTO)) {
            return gateway.upstream(settings, all);
        }
        ClientTls tls = ClientTls.DEFAULTS.withProvider(provider);
        if (upstreamAuthorities != null) {
            tls = tls.withTrust(TrustAnchors.pem(upstreamAuthorities));
        }
        if (upstreamCert != null || upstreamKey != null) {
            tls = tls.withCredential(
                    Credential.pem(present("--upstream-cert", upstreamCert), present("--upstream-key", upstreamKey)));
        }
        return gateway.upstream(settings, tls, all);
    }

    private static Path present(String option, @Nullable Path value) {
        if (value == null) {
            throw new UserMistake(option + ": missing (expected: both a certificate and its key)");
        }
        return value;
    }
}
