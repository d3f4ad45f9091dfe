package io.headgate.tls.internal;

import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TlsProvider;
import io.headgate.tls.TlsVersion;
import io.headgate.tls.TrustAnchors;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;

/**
 * Begins Netty's contexts with what users ask for; what is spoken over them, and with which ciphers, is for the caller. Blocks a
 * little: reads trust stores and loads libraries.
 */
public final class ContextBuilders {

    private ContextBuilders() {}

    public static SslContextBuilder server(ServerTls tls, Credential credential) {
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
        return speaking(builder, tls.leastVersion(), tls.provider());
    }

    public static SslContextBuilder client(ClientTls tls) {
        SslContextBuilder builder = SslContextBuilder.forClient();
        trust(builder, tls.trust());
        Credential credential = tls.credential();
        if (credential != null) {
            builder.keyManager(credential.key(), credential.chain());
        }
        return speaking(builder, tls.leastVersion(), tls.provider());
    }

    private static void trust(SslContextBuilder builder, TrustAnchors anchors) {
        if (!anchors.isSystem()) {
            builder.trustManager(anchors.certificates());
        }
    }

    private static SslContextBuilder speaking(SslContextBuilder builder, TlsVersion least, TlsProvider provider) {
        return builder.protocols(least == TlsVersion.TLS_1_3 ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2"))
                .sslProvider(provider(provider));
    }

    /** The implementation of TLS that users ask for. */
    public static SslProvider provider(TlsProvider provider) {
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
