package io.headgate.tap.linkerd;

import io.headgate.tls.ServerTls;
import io.headgate.tls.internal.LastGood;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** A context that is always that of the newest certificates: gRPC takes one for the life of a server, which certificates do not last. */
final class CurrentTls extends SslContext implements Disposable {

    private final LastGood<SslContext> contexts;

    private CurrentTls(LastGood<SslContext> contexts) {
        this.contexts = contexts;
    }

    /** Follows the certificates of a server; gives the context once there are any, and fails when there will be none. */
    static Mono<CurrentTls> open(ServerTls tls) {
        return LastGood.<SslContext>open(
                        tls,
                        (set, before) ->
                                TlsContexts.server(tls, set.credentials().get(0)))
                .map(CurrentTls::new);
    }

    private SslContext newest() {
        return contexts.get();
    }

    @Override
    public void dispose() {
        contexts.dispose();
    }

    @Override
    public boolean isDisposed() {
        return contexts.isDisposed();
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return newest().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // there is no other way to say what is negotiated
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return newest().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return newest().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return newest().newEngine(allocator, peerHost, peerPort);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return newest().sessionContext();
    }
}
