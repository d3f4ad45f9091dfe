package io.headgate.tls.internal;

import io.headgate.tls.ClientTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** TLS to one upstream: a context, so that its sessions are resumed, made when first needed on a thread that may block. */
public final class ClientContext {

    private final ClientTls tls;
    private final String host;
    private final int port;
    private final Mono<SslContext> context;

    /**
     * TLS to an endpoint.
     *
     * @param applicationProtocol what is offered by ALPN
     */
    public ClientContext(ClientTls tls, String applicationProtocol, String host, int port) {
        this.tls = tls;
        String named = tls.serverName() == null ? host : tls.serverName();
        this.host = named.startsWith("[") ? named.substring(1, named.length() - 1) : withoutRoot(named);
        this.port = port;
        this.context = Mono.fromCallable(() -> Contexts.client(tls, applicationProtocol))
                .subscribeOn(Schedulers.boundedElastic())
                .cache();
    }

    private static String withoutRoot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** The context; at once when it has been made. */
    public Mono<SslContext> ready() {
        return context;
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
        return tls + " to " + host + ":" + port;
    }
}
