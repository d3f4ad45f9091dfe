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
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * The contexts of a listener, kept as its certificates say. A handshake reads them once; contexts are made on a thread that
 * may block, and those of certificates that stay are kept with their sessions.
 */
public final class ServerContexts implements Disposable {

    private record State(CertificateSet certificates, Map<Credential, Served> contexts) {}

    private final ServerTls tls;
    private final LongAdder handshakes = new LongAdder();
    private final LongAdder failedHandshakes = new LongAdder();
    private final LastGood<State> state;

    private ServerContexts(ServerTls tls, LastGood<State> state) {
        this.tls = tls;
        this.state = state;
    }

    /** Follows the certificates of a listener; gives the contexts once there are any, and fails when there will be none. */
    public static Mono<ServerContexts> open(ServerTls tls) {
        return LastGood.<State>open(tls, (set, before) -> compiled(tls, set, before))
                .map(state -> new ServerContexts(tls, state));
    }

    private static State compiled(ServerTls tls, CertificateSet set, @Nullable State before) throws SSLException {
        Map<Credential, Served> contexts = new IdentityHashMap<>();
        for (Credential credential : set.credentials()) {
            Served kept = before == null ? null : before.contexts.get(credential);
            contexts.put(credential, kept == null ? new Served(credential, Contexts.server(tls, credential)) : kept);
        }
        return new State(set, contexts);
    }

    /** What to serve to a client that asked for a name; null when it asked for none. */
    Served select(@Nullable String serverName) {
        State now = state.get();
        return Objects.requireNonNull(now.contexts.get(now.certificates.select(serverName)));
    }

    ServerTls tls() {
        return tls;
    }

    /** The certificates that are served now. */
    public CertificateSet certificates() {
        return state.get().certificates;
    }

    public LongAdder handshakes() {
        return handshakes;
    }

    public LongAdder failedHandshakes() {
        return failedHandshakes;
    }

    @Override
    public void dispose() {
        state.dispose();
    }

    @Override
    public boolean isDisposed() {
        return state.isDisposed();
    }
}
