package io.headgate.tls.internal;

import io.headgate.http.PeerIdentity;
import io.headgate.resolve.TlsName;
import io.headgate.tls.ClientTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** TLS to one upstream: a context, so that its sessions are resumed, made when first needed on a thread that may block. */
public final class ClientContext {

    private final Shared shared;
    private final String host;
    private final int port;
    private final @Nullable TlsName identity; // to be checked here, and not in the handshake

    /** What endpoints have in common that are spoken to alike: the context of the provider, which is large. */
    public static final class Shared {

        private final ClientTls tls;
        private final Mono<SslContext> checking;
        private final Mono<SslContext> unchecking;

        /**
         * TLS to any number of endpoints.
         *
         * @param applicationProtocol what is offered by ALPN; empty for nothing
         */
        public Shared(ClientTls tls, String applicationProtocol) {
            this.tls = tls;
            this.checking = context(tls, applicationProtocol, tls.checksHostName());
            this.unchecking = tls.checksHostName() ? context(tls, applicationProtocol, false) : checking;
        }

        private static Mono<SslContext> context(ClientTls tls, String applicationProtocol, boolean checks) {
            return Mono.fromCallable(() -> Contexts.client(tls, applicationProtocol, checks))
                    .subscribeOn(Schedulers.boundedElastic())
                    .cache();
        }

        /** To the endpoint of a URL, which is checked for its host or for what the settings say instead. */
        public ClientContext toHost(String host, int port) {
            return new ClientContext(this, tls.serverName() == null ? host : tls.serverName(), port, null);
        }

        /** To an endpoint that must have an identity, whatever the settings say. */
        public ClientContext to(TlsName name, int port) {
            return new ClientContext(this, name.serverName(), port, name);
        }
    }

    private ClientContext(Shared shared, String serverName, int port, @Nullable TlsName identity) {
        this.shared = shared;
        this.host =
                serverName.startsWith("[") ? serverName.substring(1, serverName.length() - 1) : withoutRoot(serverName);
        this.port = port;
        this.identity = identity;
    }

    private static String withoutRoot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** The context; at once when it has been made. */
    public Mono<SslContext> ready() {
        return identity == null ? shared.checking : shared.unchecking;
    }

    /**
     * Looks whether the certificate of a handshake that has succeeded is that of the endpoint.
     *
     * @return what is wrong, or null
     */
    public @Nullable String stranger(SslHandler shaken) {
        if (identity == null) {
            return null;
        }
        try {
            X509Certificate shown =
                    (X509Certificate) shaken.engine().getSession().getPeerCertificates()[0];
            if (Identities.carries(shown, identity)) {
                return null;
            }
            return PeerIdentity.from(shown) + " (expected: " + identity.identity() + ")";
        } catch (SSLPeerUnverifiedException e) {
            return "none (expected: " + identity.identity() + ")";
        }
    }

    /** The handler of a connection. */
    public SslHandler handler(SslContext ready, ByteBufAllocator allocator) {
        SslHandler handler = ready.newHandler(allocator, host, port);
        if (isName()) {
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            handler.engine().setSSLParameters(parameters);
        }
        return handler;
    }

    /** Whether a host can be asked for; the runtime leaves out names without a dot, which are common inside clusters. */
    private boolean isName() {
        boolean address = NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
        return !address && host.indexOf('_') < 0;
    }

    @Override
    public String toString() {
        return shared.tls + " to " + host + ":" + port;
    }
}
