package io.headgate.samples;

import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSpec;
import io.headgate.sync.source.SyncDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** A sync server of a directory, which can go away and come back at its port. */
final class FleetServer implements AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Path directory;
    private final int port;
    private SyncServer server;

    FleetServer(Path directory) {
        this.directory = directory;
        this.server = open(0);
        this.port = server.port();
    }

    private SyncServer open(int on) {
        SyncServerSpec spec = SyncServerSpec.of("127.0.0.1", on)
                .withTopic(SyncServerSpec.FELIX, SyncDirectory.of(directory).events());
        return Objects.requireNonNull(SyncServer.bind(spec).block());
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    int clients() {
        return server.stats().streaming();
    }

    /** Cuts all clients; nobody listens at the port any more. */
    void goAway() {
        server.closeAsync(Duration.ZERO).block(BOUND);
    }

    void comeBack() throws InterruptedException {
        if (!Until.met(this::listensAgain, BOUND)) {
            throw new IllegalStateException("sync server: port " + port + " (expected: free within " + BOUND + ")");
        }
    }

    /** A port may be taken for a moment, by a dial to it that the system has given the same port. */
    private boolean listensAgain() {
        try {
            server = open(port);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    @Override
    public void close() {
        goAway();
    }
}
