package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.TlsInfo;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.ServerTls.ClientAuth;
import io.headgate.tls.TlsProvider;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.security.PrivateKey;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who the client is, and which clients are refused. */
class ListenerClientAuthTest extends ListenerTlsTestBase {

    @ParameterizedTest
    @CsvSource({"JDK, REQUIRED", "JDK, OPTIONAL", "OPENSSL, REQUIRED", "OPENSSL, OPTIONAL"})
    void identityOfTheClientIsOnTheExchange(TlsProvider provider, ClientAuth auth) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(auth, PKI.trust()));
        X509Bundle client = PKI.issue("orders", "orders.internal", "spiffe://example.org/orders");
        SSLSocket socket = Pki.client(PKI.context(client), plain(listener), "test.example");
        assertThat(get(socket, "test.example")).isEqualTo(200);
        TlsInfo tls = seen.get(0);
        assertThat(tls.peer().subject()).isEqualTo("CN=orders");
        assertThat(tls.peer().dnsNames()).containsExactly("orders.internal");
        assertThat(tls.peer().spiffeId()).isEqualTo("spiffe://example.org/orders");
        assertThat(tls.peer()).isSameAs(tls.peer());
        assertThat(tls.peerCertificates().get(0)).isEqualTo(client.getCertificate());
        assertThat(tls.serverName()).isEqualTo("test.example");
        assertThat(tls.protocol()).isEqualTo("TLSv1.3");
        assertThat(tls.cipherSuite()).startsWith("TLS_");
        assertThat(get(socket, "test.example")).isEqualTo(200);
        assertThat(seen.get(1)).isSameAs(tls);
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void clientWithoutACertificateHasNoIdentityWhereItIsOptional(TlsProvider provider) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(ClientAuth.OPTIONAL, PKI.trust()));
        assertThat(get(connect(listener, "test.example"), "test.example")).isEqualTo(200);
        assertThat(seen.get(0).peer()).isNull();
        assertThat(seen.get(0).peerCertificates()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void clientWithoutACertificateIsRefusedWhereItIsRequired(TlsProvider provider) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(ClientAuth.REQUIRED, PKI.trust()));
        assertThatThrownBy(() -> get(connect(listener, "test.example"), "test.example"))
                .isInstanceOf(IOException.class);
        awaitFailed(listener, 1);
        assertThat(seen).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"JDK, REQUIRED", "JDK, OPTIONAL", "OPENSSL, REQUIRED", "OPENSSL, OPTIONAL"})
    void clientOfAnAuthorityThatIsNotTrustedIsRefused(TlsProvider provider, ClientAuth auth) throws Exception {
        Listener listener = listen(ServerTls.of(PKI.credential("test.example"))
                .withProvider(provider)
                .withClientAuth(auth, new Pki().trust()));
        X509Bundle stranger = PKI.issue("stranger", "stranger.example");
        assertThatThrownBy(() -> get(Pki.client(insistent(stranger), plain(listener), "test.example"), "test.example"))
                .isInstanceOf(IOException.class);
        awaitFailed(listener, 1);
        assertThat(seen).isEmpty();
    }

    /** A client that shows its certificate whichever issuers it was asked for. */
    private static SSLContext insistent(X509Bundle own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        javax.net.ssl.X509KeyManager keys =
                (javax.net.ssl.X509KeyManager) own.toKeyManagerFactory().getKeyManagers()[0];
        String alias = keys.getClientAliases("EC", null)[0];
        context.init(
                new javax.net.ssl.KeyManager[] {
                    new javax.net.ssl.X509ExtendedKeyManager() {
                        @Override
                        public String[] getClientAliases(String type, java.security.Principal[] issuers) {
                            return new String[] {alias};
                        }

                        @Override
                        public String chooseClientAlias(
                                String[] types, java.security.Principal[] issuers, Socket socket) {
                            return alias;
                        }

                        @Override
                        public String[] getServerAliases(String type, java.security.Principal[] issuers) {
                            return new String[0];
                        }

                        @Override
                        public String chooseServerAlias(String type, java.security.Principal[] issuers, Socket socket) {
                            return null;
                        }

                        @Override
                        public java.security.cert.X509Certificate[] getCertificateChain(String chosen) {
                            return keys.getCertificateChain(chosen);
                        }

                        @Override
                        public PrivateKey getPrivateKey(String chosen) {
                            return keys.getPrivateKey(chosen);
                        }
                    }
                },
                trusting(),
                null);
        return context;
    }

    private static javax.net.ssl.TrustManager[] trusting() {
        return new javax.net.ssl.TrustManager[] {
            new javax.net.ssl.X509TrustManager() {
                @Override
                public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

                @Override
                public java.security.cert.X509Certificate[] getAcceptedIssuers() {
                    return new java.security.cert.X509Certificate[0];
                }
            }
        };
    }
}
