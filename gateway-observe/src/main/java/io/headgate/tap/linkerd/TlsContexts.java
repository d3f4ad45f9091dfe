package io.headgate.tap.linkerd;

import io.grpc.netty.GrpcSslContexts;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TlsProvider;
import io.headgate.tls.TlsVersion;
import io.headgate.tls.TrustAnchors;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.SSLException;

/** Makes the contexts of gRPC of what users ask for. Blocks a little: reads trust stores and loads libraries. */
final class TlsContexts {

    private TlsContexts() {}

    static SslContext server(ServerTls tls, Credential credential) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forServer(credential.key(), credential.chain())
                .clientAuth(
                        switch (tls.clientAuth()) {
                            case NONE -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRED -> ClientAuth.REQUIRE;
                        });
        TrustAnchors clients = tls.clientTrust();
        if (clients != null) {
            trust(builder, clients);
        }
        return finished(builder, tls.leastVersion(), tls.provider());
    }

    static SslContext client(ClientTls tls) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient();
        trust(builder, tls.trust());
        Credential credential = tls.credential();
        if (credential != null) {
            builder.keyManager(credential.key(), credential.chain());
        }
        return finished(builder, tls.leastVersion(), tls.provider());
    }

    private static void trust(SslContextBuilder builder, TrustAnchors anchors) {
        if (!anchors.isSystem()) {
            builder.trustManager(anchors.certificates());
        }
    }

    private static SslContext finished(SslContextBuilder builder, TlsVersion least, TlsProvider provider)
            throws SSLException {
        return GrpcSslContexts.configure(builder, netty(provider))
                .protocols(least == TlsVersion.TLS_1_3 ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2"))
                .build();
    }

    private static SslProvider netty(TlsProvider provider) {
        return switch (provider) {
            case JDK -> SslProvider.JDK;
            case AUTO -> OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
            case OPENSSL -> {
                if (!OpenSsl.isAvailable()) {
                    throw new IllegalStateException(
                            "provider: OPENSSL (expected: one that is there; is netty-tcnative on the class path?)",
                            OpenSsl.unavailabilityCause());
                }
                yield SslProvider.OPENSSL;
            }
        };
    }
}
