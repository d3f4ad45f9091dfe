package io.headgate.benchmarks.sync;

import io.headgate.benchmarks.Report;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** What a client holds at the server that has everything and to which nothing happens. */
record IdleClients(Report report) {

    void run(int clients) throws IOException {
        report.title("Memory per idle client");
        report.head("clients", "format", "live heap B each", "direct B each", "both");
        for (boolean compressed : new boolean[] {false, true}) {
            try (Feed feed = Feed.open(Workload.set(1000), Feed.QUIET);
                    Fleet fleet = Fleet.start()) {
                fleet.connect(feed.port(), clients, compressed, 0);
                fleet.ask("close");
                settle();
                long heap = Usage.liveHeap();
                long direct = Usage.direct();
                fleet.connect(feed.port(), clients, compressed, 0);
                settle();
                heap = Usage.liveHeap() - heap;
                direct = Usage.direct() - direct;
                report.row(
                        clients,
                        compressed ? "snappy" : "plain",
                        heap / clients,
                        direct / clients,
                        (heap + direct) / clients);
                fleet.ask("close");
            }
        }
    }

    /** Long enough for what is kept for those who come soon. */
    private static void settle() {
        long until = System.nanoTime() + 3_000_000_000L;
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(50_000_000);
        }
    }
}
