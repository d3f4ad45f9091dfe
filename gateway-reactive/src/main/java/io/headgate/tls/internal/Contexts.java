package io.headgate.tls.internal;

import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TlsProvider;
import io.headgate.tls.TlsVersion;
import io.headgate.tls.TrustAnchors;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.List;
import javax.net.ssl.SSLException;

/** Makes Netty's contexts of what users ask for. Blocks a little: reads trust stores and loads libraries. */
final class Contexts {

    private Contexts() {}

    static SslContext server(ServerTls tls, Credential credential) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forServer(credential.key(), credential.chain())
                .clientAuth(
                        switch (tls.clientAuth()) {
                            case NONE -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRED -> ClientAuth.REQUIRE;
                        })
                .applicationProtocolConfig(offer(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1))
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
        TrustAnchors clients = tls.clientTrust();
        if (clients != null) {
            trust(builder, clients);
        }
        return finished(builder, tls.leastVersion(), tls.provider());
    }

    static SslContext client(ClientTls tls, String applicationProtocol, boolean checksName) throws SSLException {
        SslContextBuilder builder =
                SslContextBuilder.forClient().endpointIdentificationAlgorithm(checksName ? "HTTPS" : "");
        if (!applicationProtocol.isEmpty()) {
            builder.applicationProtocolConfig(offer(applicationProtocol));
        }
        if (applicationProtocol.equals(ApplicationProtocolNames.HTTP_2)) {
            builder.ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
        }
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

    /** The only behaviour that all providers know: without an overlap nothing is selected. */
    private static ApplicationProtocolConfig offer(String... protocols) {
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocols);
    }

    private static SslContext finished(SslContextBuilder builder, TlsVersion least, TlsProvider provider)
            throws SSLException {
        return builder.protocols(least == TlsVersion.TLS_1_3 ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2"))
                .sslProvider(netty(provider))
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
