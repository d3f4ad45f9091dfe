package io.headgate.benchmarks.sync;

import io.headgate.benchmarks.Report;
import io.headgate.sync.SyncUpdate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** E3 and E4: changes to clients that know everything else. */
record FanOut(Report report, int entries, double seconds) {

    /** So many clients read the time stamps. */
    private static final int SAMPLED = 5;

    private static final double[] SHARES = {0.25, 0.5, 0.8};

    void head() {
        report.title("E3: changes to clients that are in sync");
        report.head(
                "clients",
                "entries per update",
                "pace",
                "entries published",
                "s",
                "entries/s delivered",
                "GB/s",
                "entries per crumb",
                "server CPU µs per 1,000 deliveries",
                "p50 ms",
                "p99 ms",
                "p99.9 ms",
                "lost");
    }

    /** As fast as it goes, then at shares of what that gave. */
    void run(int clients, int burst) throws IOException {
        try (Feed feed = Feed.open(Workload.set(entries), Feed.QUIET);
                Fleet fleet = Fleet.start()) {
            fleet.connect(feed.port(), clients, false, Math.min(SAMPLED, clients));
            Pace pace = new Pace(feed, fleet, clients, burst);
            int some = Math.max(burst * 10, 2_000_000 / clients);
            pace.warmUp(some);
            double most = pace.run("as fast as it goes", (int) Math.max(some, pace.run(null, some, 0) * seconds), 0);
            for (double share : SHARES) {
                double rate = most * share;
                pace.run(Math.round(share * 100) + " %", (int) (rate * seconds), rate);
            }
            fleet.ask("close");
        }
    }

    /** The same with one client that reads nothing. */
    void stalled(int clients, double rate) throws IOException {
        report.title("E4: one of " + clients + " clients reads nothing");
        report.head("stalled", "p50 ms", "p99 ms", "p99.9 ms", "direct MiB more", "live heap MiB more", "lost");
        var settings = Feed.QUIET.toBuilder()
                .maxFallBehind(Duration.ofMillis((long) (seconds * 700)))
                .grace(Duration.ZERO)
                .build();
        try (Feed feed = Feed.open(Workload.set(entries), settings);
                Fleet fleet = Fleet.start()) {
            fleet.connect(feed.port(), clients, false, SAMPLED);
            Pace pace = new Pace(feed, fleet, clients, 10);
            pace.warmUp(20_000);
            for (int stalled = 0; stalled < 2; stalled++) {
                fleet.ask("stall " + stalled);
                long direct = Usage.direct();
                long heap = Usage.liveHeap();
                fleet.ask("mark");
                pace.publish((int) (rate * seconds), rate);
                long more = Usage.direct() - direct;
                long moreHeap = Usage.liveHeap() - heap;
                feed.publishEnd();
                Fleet.Answer answer = fleet.ask("await");
                report.row(
                        stalled,
                        answer.millis("p50"),
                        answer.millis("p99"),
                        answer.millis("p999"),
                        more >> 20,
                        moreHeap >> 20,
                        answer.value("lost"));
            }
            report.say("Ends that the server counted: " + feed.server().stats().ends() + "; limit "
                    + settings.maxFallBehind().toMillis() + " ms; direct now "
                    + (Usage.direct() >> 20) + " MiB.");
            fleet.ask("close");
        }
    }

    private final class Pace {

        private final Feed feed;
        private final Fleet fleet;
        private final int clients;
        private final int burst;
        private int version;

        Pace(Feed feed, Fleet fleet, int clients, int burst) {
            this.feed = feed;
            this.fleet = fleet;
            this.clients = clients;
            this.burst = burst;
        }

        void warmUp(int count) throws IOException {
            for (int i = 0; i < 3; i++) {
                run(null, count, 0);
            }
        }

        /** Entries per second that were published and reached all. */
        double run(@Nullable String name, int count, double rate) throws IOException {
            Fleet.Answer marked = fleet.ask("mark");
            double cpu = Usage.processorSeconds();
            long positions = position();
            long begun = System.nanoTime();
            publish(count, rate);
            positions = position() - positions;
            feed.publishEnd();
            Fleet.Answer answer = fleet.ask("await");
            cpu = Usage.processorSeconds() - cpu;
            double took = (answer.value("at") - begun) / 1e9;
            double deliveries = (double) count * clients;
            if (name != null) {
                report.row(
                        clients,
                        burst,
                        name,
                        count,
                        took,
                        deliveries / took,
                        (answer.value("bytes") - marked.value("bytes")) / took / 1e9,
                        (double) count / Math.max(1, positions),
                        cpu * 1e9 / deliveries,
                        answer.millis("p50"),
                        answer.millis("p99"),
                        answer.millis("p999"),
                        answer.value("lost"));
            }
            return count / took;
        }

        private long position() {
            return feed.topic().position();
        }

        /** Open loop when there is a rate: who falls behind does not hold up the next. */
        void publish(int count, double rate) {
            long begun = System.nanoTime();
            for (int at = 0; at < count; at += burst) {
                if (rate > 0) {
                    long due = begun + (long) (at / rate * 1e9);
                    for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
                        LockSupport.parkNanos(due - now);
                    }
                }
                version++;
                List<SyncUpdate> updates = new ArrayList<>(burst);
                for (int i = 0; i < burst; i++) {
                    updates.add(Workload.stamped((at + i) % entries, version));
                }
                feed.publish(updates);
            }
        }
    }
}
