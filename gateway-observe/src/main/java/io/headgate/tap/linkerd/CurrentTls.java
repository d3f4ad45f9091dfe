package io.headgate.tap.linkerd;

import io.headgate.tls.CertificateSet;
import io.headgate.tls.ServerTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/** A context that is always that of the newest certificates: gRPC takes one for the life of a server, which certificates do not last. */
final class CurrentTls extends SslContext implements Disposable {

    private static final Logger LOG = LoggerFactory.getLogger(CurrentTls.class);

    private final ServerTls tls;
    private final Disposable.Swap source = Disposables.swap();
    private volatile @Nullable SslContext newest;

    private CurrentTls(ServerTls tls) {
        this.tls = tls;
    }

    /** Follows the certificates of a server; gives the context once there are any, and fails when there will be none. */
    static Mono<CurrentTls> open(ServerTls tls) {
        return Mono.create(opened -> new CurrentTls(tls).follow(opened));
    }

    private void follow(MonoSink<CurrentTls> opened) {
        opened.onCancel(this);
        source.update(tls.certificates()
                .onBackpressureLatest()
                .publishOn(Schedulers.boundedElastic(), 1)
                .subscribe(set -> take(set, opened), failure -> failed(failure, opened), () -> completed(opened)));
    }

    private void take(CertificateSet set, MonoSink<CurrentTls> opened) {
        try {
            newest = TlsContexts.server(tls, set.credentials().get(0));
            opened.success(this);
        } catch (SSLException | RuntimeException e) {
            if (newest != null) {
                LOG.warn("certificates refused, the last good ones stay: {}", set, e);
                return;
            }
            source.dispose();
            opened.error(
                    e instanceof IllegalStateException
                            ? e
                            : new IllegalArgumentException("certificates: " + set + " (expected: usable ones)", e));
        }
    }

    private void failed(Throwable why, MonoSink<CurrentTls> opened) {
        if (newest != null) {
            LOG.warn("source of certificates failed, the last ones stay", why);
        } else {
            opened.error(why);
        }
    }

    private void completed(MonoSink<CurrentTls> opened) {
        if (newest == null) {
            opened.error(new IllegalStateException("certificates: none (expected: at least one set)"));
        }
    }

    private SslContext newest() {
        return Objects.requireNonNull(newest, "not open yet");
    }

    @Override
    public void dispose() {
        source.dispose();
    }

    @Override
    public boolean isDisposed() {
        return source.isDisposed();
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
