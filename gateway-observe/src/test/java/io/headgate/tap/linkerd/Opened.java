package io.headgate.tap.linkerd;

import io.headgate.tap.TapSource;
import java.time.Duration;
import java.util.Objects;

/** A server on loopback and a client of it, closed together. */
final class Opened implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    final TapServer server;
    final TapClient client;

    private Opened(TapServer server) {
        this.server = server;
        this.client = TapClient.open("127.0.0.1", server.address().getPort());
    }

    static Opened of(TapSource source) {
        return of(source, TapServerSettings.onLoopback(0));
    }

    static Opened of(TapSource source, TapServerSettings settings) {
        return new Opened(server(source, settings));
    }

    static TapServer server(TapSource source, TapServerSettings settings) {
        return Objects.requireNonNull(TapServer.open(source, settings).block(PATIENCE));
    }

    int port() {
        return server.address().getPort();
    }

    @Override
    public void close() {
        client.closeAsync().block(PATIENCE);
        server.closeAsync(Duration.ZERO).block(PATIENCE);
    }
}
