package io.headgate.benchmarks.sync;

import io.headgate.benchmarks.Report;
import io.headgate.sync.SyncUpdate;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** E2: many clients connect at one time, and each is to know the whole set. */
record SnapshotStorm(Report report, int entries, int rounds) {

    void run(int clients, boolean compressed, double loopback) throws IOException {
        List<SyncUpdate> set = Workload.set(entries);
        try (Feed feed = Feed.open(set, Feed.QUIET);
                Fleet fleet = Fleet.start()) {
            fleet.connect(feed.port(), Math.min(clients, 10), compressed, 0);
            fleet.ask("close");
            for (int round = 0; round < rounds; round++) {
                round(feed, fleet, clients, compressed, loopback);
            }
        }
    }

    private void round(Feed feed, Fleet fleet, int clients, boolean compressed, double loopback) throws IOException {
        Usage.forgetPeaks();
        AtomicLong peakDirect = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        Thread watch = new Thread(() -> {
            while (!over.get()) {
                peakDirect.accumulateAndGet(Usage.direct(), Math::max);
                LockSupport.parkNanos(5_000_000);
            }
        });
        watch.start();
        double mine = Usage.processorSeconds();
        double theirs = fleet.processorSeconds();
        long before = feed.server().stats().bytesWritten();
        long generated = feed.topic().snapshotsGenerated();
        Fleet.Answer answer = fleet.connect(feed.port(), clients, compressed, 0);
        mine = Usage.processorSeconds() - mine;
        theirs = fleet.processorSeconds() - theirs;
        over.set(true);
        double seconds = answer.value("took") / 1e9;
        double rate = answer.value("bytes") / seconds;
        report.row(
                clients,
                compressed ? "snappy" : "plain",
                entries,
                (feed.server().stats().bytesWritten() - before) / clients,
                seconds,
                rate / 1e9,
                loopback / 1e9,
                rate / loopback,
                mine,
                theirs,
                Usage.peakHeap() >> 20,
                peakDirect.get() >> 20,
                feed.topic().snapshotsGenerated() - generated,
                answer.value("lost"));
        fleet.ask("close");
    }

    void head() {
        report.title("E2: a snapshot to many clients that connect at one time");
        report.head(
                "clients",
                "format",
                "entries",
                "bytes each",
                "s until all are in sync",
                "GB/s",
                "loopback GB/s",
                "share",
                "server CPU s",
                "clients CPU s",
                "peak heap MiB",
                "peak direct MiB",
                "encodings",
                "lost");
    }
}
