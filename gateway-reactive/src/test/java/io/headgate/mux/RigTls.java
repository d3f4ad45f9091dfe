package io.headgate.mux;

import io.headgate.tls.ClientTls;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TlsProvider;
import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLContext;

/** TLS on both sides of a rig: of the gateway by a provider, of its peers by the JDK. */
final class RigTls {

    static final Pki PKI = new Pki();

    /** TLS of rigs that do not choose: none, or by a provider with which all tests of the mux can be run once. */
    static final RigTls OF_THE_RUN = ofTheRun(System.getProperty("headgate.test.tls", ""));

    private final SSLContext peers = PKI.context(PKI.issue("peer", "127.0.0.1"));
    private final TlsProvider provider;
    private final boolean checksAuthority;

    private static RigTls ofTheRun(String provider) {
        return provider.isEmpty() ? null : new RigTls(TlsProvider.valueOf(provider), false);
    }

    RigTls(TlsProvider provider, boolean checksAuthority) {
        this.provider = provider;
        this.checksAuthority = checksAuthority;
    }

    ServerTls listener() {
        return ServerTls.of(PKI.credential("test.example", "other.example", "*.wild.example"))
                .withProvider(provider)
                .withAuthorityCheck(checksAuthority);
    }

    ClientTls upstream() {
        return ClientTls.DEFAULTS.withTrust(PKI.trust()).withProvider(provider);
    }

    Socket client(Socket plain, String protocol) throws IOException {
        return Pki.client(peers, plain, "test.example", protocol);
    }

    Socket server(Socket plain, String protocol) throws IOException {
        return Pki.server(peers, plain, false, protocol);
    }
}
