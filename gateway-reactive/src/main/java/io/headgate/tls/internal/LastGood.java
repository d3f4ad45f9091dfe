package io.headgate.tls.internal;

import io.headgate.tls.CertificateSet;
import io.headgate.tls.ServerTls;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * What a server makes of its certificates, kept as their source says. A set that is refused, or a source that ends, leaves what
 * was made of the last good one. It is made on a thread that may block.
 */
public final class LastGood<T> implements Disposable {

    private static final Logger LOG = LoggerFactory.getLogger(LastGood.class);

    /** Makes something of certificates. */
    @FunctionalInterface
    public interface Maker<T> {

        /**
         * Called once for each set, one after the other.
         *
         * @param before what was made of the last good set; null at first
         * @throws SSLException when the set is not usable
         */
        T make(CertificateSet set, @Nullable T before) throws SSLException;
    }

    private final Maker<T> maker;
    private final Disposable.Swap source = Disposables.swap();
    private volatile @Nullable T made;

    private LastGood(Maker<T> maker) {
        this.maker = maker;
    }

    /** Follows the certificates of a server; gives itself once there is a good set, and fails when there will be none. */
    public static <T> Mono<LastGood<T>> open(ServerTls tls, Maker<T> maker) {
        return Mono.create(opened -> new LastGood<>(maker).follow(tls, opened));
    }

    private void follow(ServerTls tls, MonoSink<LastGood<T>> opened) {
        opened.onCancel(this);
        source.update(tls.certificates()
                .onBackpressureLatest()
                .publishOn(Schedulers.boundedElastic(), 1)
                .subscribe(set -> take(set, opened), failure -> failed(failure, opened), () -> completed(opened)));
    }

    private void take(CertificateSet set, MonoSink<LastGood<T>> opened) {
        try {
            made = maker.make(set, made);
            opened.success(this);
        } catch (SSLException | RuntimeException e) {
            refused(set, e, opened);
        }
    }

    private void refused(CertificateSet set, Exception why, MonoSink<LastGood<T>> opened) {
        if (made != null) {
            LOG.warn("certificates refused, the last good ones stay: {}", set, why);
            return;
        }
        source.dispose();
        boolean ofProvider = why instanceof IllegalStateException;
        opened.error(
                ofProvider
                        ? why
                        : new IllegalArgumentException("certificates: " + set + " (expected: usable ones)", why));
    }

    private void failed(Throwable why, MonoSink<LastGood<T>> opened) {
        if (made != null) {
            LOG.warn("source of certificates failed, the last ones stay", why);
        } else {
            opened.error(why);
        }
    }

    private void completed(MonoSink<LastGood<T>> opened) {
        if (made == null) {
            opened.error(new IllegalStateException("certificates: none (expected: at least one set)"));
        }
    }

    /** What was made of the last good set. */
    public T get() {
        return Objects.requireNonNull(made, "not open yet");
    }

    @Override
    public void dispose() {
        source.dispose();
    }

    @Override
    public boolean isDisposed() {
        return source.isDisposed();
    }
}
