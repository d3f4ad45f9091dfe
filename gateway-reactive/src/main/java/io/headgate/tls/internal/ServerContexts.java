package io.headgate.tls.internal;

import io.headgate.tls.CertificateSet;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
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
 * The contexts of a listener, kept as its certificates say. A handshake reads them once; contexts are made on a thread that
 * may block, and those of certificates that stay are kept with their sessions.
 */
public final class ServerContexts implements Disposable {

    private static final Logger LOG = LoggerFactory.getLogger(ServerContexts.class);

    private record State(CertificateSet certificates, Map<Credential, Served> contexts) {}

    private final ServerTls tls;
    private final LongAdder handshakes = new LongAdder();
    private final LongAdder failedHandshakes = new LongAdder();
    private final Disposable.Swap source = Disposables.swap();
    private volatile @Nullable State state;

    private ServerContexts(ServerTls tls) {
        this.tls = tls;
    }

    /** Follows the certificates of a listener; gives the contexts once there are any, and fails when there will be none. */
    public static Mono<ServerContexts> open(ServerTls tls) {
        return Mono.create(sink -> new ServerContexts(tls).follow(sink));
    }

    private void follow(MonoSink<ServerContexts> opened) {
        opened.onCancel(this);
        source.update(tls.certificates()
                .onBackpressureLatest()
                .publishOn(Schedulers.boundedElastic(), 1)
                .subscribe(
                        set -> {
                            try {
                                state = compiled(set);
                                opened.success(this);
                            } catch (SSLException | RuntimeException e) {
                                refused(set, e, opened);
                            }
                        },
                        failure -> failed(failure, opened),
                        () -> completed(opened)));
    }

    private State compiled(CertificateSet set) throws SSLException {
        State before = state;
        Map<Credential, Served> contexts = new IdentityHashMap<>();
        for (Credential credential : set.credentials()) {
            Served kept = before == null ? null : before.contexts.get(credential);
            contexts.put(credential, kept == null ? new Served(credential, Contexts.server(tls, credential)) : kept);
        }
        return new State(set, contexts);
    }

    private void refused(CertificateSet set, Exception why, MonoSink<ServerContexts> opened) {
        if (state != null) {
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

    private void failed(Throwable why, MonoSink<ServerContexts> opened) {
        if (state != null) {
            LOG.warn("source of certificates failed, the last ones stay", why);
        } else {
            opened.error(why);
        }
    }

    private void completed(MonoSink<ServerContexts> opened) {
        if (state == null) {
            opened.error(new IllegalStateException("certificates: none (expected: at least one set)"));
        }
    }

    /** What to serve to a client that asked for a name; null when it asked for none. */
    Served select(@Nullable String serverName) {
        State now = Objects.requireNonNull(state, "not open yet");
        return Objects.requireNonNull(now.contexts.get(now.certificates.select(serverName)));
    }

    ServerTls tls() {
        return tls;
    }

    /** The certificates that are served now. */
    public CertificateSet certificates() {
        return Objects.requireNonNull(state, "not open yet").certificates;
    }

    public LongAdder handshakes() {
        return handshakes;
    }

    public LongAdder failedHandshakes() {
        return failedHandshakes;
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
