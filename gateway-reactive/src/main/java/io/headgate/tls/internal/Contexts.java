package io.headgate.tls.internal;

import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import javax.net.ssl.SSLException;

/** The contexts of HTTP connections, and of others that use TLS as those do. Blocks a little, as {@link ContextBuilders}. */
final class Contexts {

    private Contexts() {}

    static SslContext server(ServerTls tls, Credential credential) throws SSLException {
        return ContextBuilders.server(tls, credential)
                .applicationProtocolConfig(offer(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1))
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .build();
    }

    static SslContext client(ClientTls tls, String applicationProtocol, boolean checksName) throws SSLException {
        SslContextBuilder builder =
                ContextBuilders.client(tls).endpointIdentificationAlgorithm(checksName ? "HTTPS" : "");
        if (!applicationProtocol.isEmpty()) {
            builder.applicationProtocolConfig(offer(applicationProtocol));
        }
        if (applicationProtocol.equals(ApplicationProtocolNames.HTTP_2)) {
            builder.ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
        }
        return builder.build();
    }

    /** The only behaviour that all providers know: without an overlap nothing is selected. */
    private static ApplicationProtocolConfig offer(String... protocols) {
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocols);
    }
}
