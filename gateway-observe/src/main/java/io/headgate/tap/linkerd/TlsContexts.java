package io.headgate.tap.linkerd;

import io.grpc.netty.GrpcSslContexts;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.internal.ContextBuilders;
import io.netty.handler.ssl.SslContext;
import javax.net.ssl.SSLException;

/** Makes the contexts of gRPC of what users ask for. Blocks a little: reads trust stores and loads libraries. */
final class TlsContexts {

    private TlsContexts() {}

    static SslContext server(ServerTls tls, Credential credential) throws SSLException {
        return GrpcSslContexts.configure(
                        ContextBuilders.server(tls, credential), ContextBuilders.provider(tls.provider()))
                .build();
    }

    static SslContext client(ClientTls tls) throws SSLException {
        return GrpcSslContexts.configure(ContextBuilders.client(tls), ContextBuilders.provider(tls.provider()))
                .build();
    }
}
