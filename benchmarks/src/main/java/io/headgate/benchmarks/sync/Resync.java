package io.headgate.benchmarks.sync;

import io.headgate.benchmarks.Report;
import io.headgate.sync.server.SyncServerSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** E5: one of two servers goes, and its clients turn to the other one. Clients are whole ones, with all that they keep. */
record Resync(Report report) {

    private static final int PER_SECOND = 100;

    void run(int clients, int entries) throws IOException {
        report.title("E5: one of two servers goes");
        report.head(
                "clients",
                "entries",
                "how it goes",
                "clients that moved",
                "s until it was gone",
                "s until all were in sync again",
                "connections/s",
                "snapshots encoded");
        run(clients, entries, "at once", Duration.ZERO);
        run(clients, entries, "one client each 10 ms", Duration.ofSeconds(clients / PER_SECOND + 1));
    }

    private void run(int clients, int entries, String how, Duration timeout) throws IOException {
        SyncServerSettings settings = Feed.QUIET.toBuilder()
                .pingInterval(Duration.ofSeconds(10))
                .pongTimeout(Duration.ofSeconds(60))
                .maxShutdownInterval(Duration.ofMillis(1000 / PER_SECOND))
                .build();
        try (Feed one = Feed.open(Workload.set(entries), settings);
                Feed other = Feed.open(Workload.set(entries), settings);
                Fleet fleet = Fleet.start()) {
            fleet.ask("follow " + one.port() + " " + other.port() + " " + clients);
            int moving = one.server().stats().streaming();
            long accepted = other.server().stats().accepted();
            long generated = other.topic().snapshotsGenerated();
            fleet.ask("forget");
            long begun = System.nanoTime();
            one.server().closeAsync(timeout).block();
            double gone = (System.nanoTime() - begun) / 1e9;
            Fleet.Answer answer = fleet.ask("resynced " + moving);
            while (other.server().stats().streaming() < clients) {
                LockSupport.parkNanos(1_000_000);
            }
            double took = (answer.value("at") - begun) / 1e9;
            report.row(
                    clients,
                    entries,
                    how,
                    moving,
                    gone,
                    took,
                    (other.server().stats().accepted() - accepted) / took,
                    other.topic().snapshotsGenerated() - generated);
        }
    }
}
