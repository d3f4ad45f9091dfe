package io.headgate.sync.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;

/** What is recorded of one topic when it happens. Times are in seconds. */
final class TopicMeters {

    private static final double NANOS = 1e9;

    private final DistributionSummary snapshotSend;
    private final DistributionSummary clientLatency;
    private final DistributionSummary writeLatency;
    private final DistributionSummary nextBreadcrumb;
    private final DistributionSummary ping;
    private final DistributionSummary breadcrumbSize;
    private final DistributionSummary perMessage;
    private final Counter block;
    private final Counter nonBlock;
    private final Counter graceUsed;

    TopicMeters(Meters meters, Tags topic) {
        snapshotSend =
                meters.summary("typha.client.snapshot.send.secs", "Time that a client took for its snapshot", topic);
        clientLatency = meters.summary(
                "typha.client.latency.secs",
                "How much older than the newest breadcrumb the first one was that a client was sent",
                topic);
        writeLatency = meters.summary(
                "typha.client.write.latency.secs", "Time until bytes of a client had reached the socket", topic);
        nextBreadcrumb = meters.summary(
                "typha.next.breadcrumb.latency.secs",
                "The same for clients that had been sent everything before",
                topic);
        ping = meters.summary("typha.ping.latency", "Time until a client answered a ping, in seconds", topic);
        breadcrumbSize = meters.summary("typha.breadcrumb.size", "Updates in a breadcrumb", topic);
        perMessage = meters.summary(
                "typha.kvs.per.msg", "Updates in a message of changes, which is made once for all clients", topic);
        block = meters.counter(
                "typha.breadcrumb.block", "Times that a client had to wait for the next breadcrumb", topic);
        nonBlock = meters.counter(
                "typha.breadcrumb.non.block", "Times that the next breadcrumb was there already for a client", topic);
        graceUsed = meters.counter(
                "typha.connections.grace.used",
                "Clients that were let fall behind because their snapshot was not long ago",
                topic);
    }

    void published(int updates) {
        breadcrumbSize.record(updates);
        if (updates > 0) {
            perMessage.record(updates);
        }
    }

    void snapshotSent(Duration took) {
        snapshotSend.record(seconds(took));
    }

    void sending(Duration behind, boolean waited) {
        double seconds = seconds(behind);
        clientLatency.record(seconds);
        if (waited) {
            block.increment();
            nextBreadcrumb.record(seconds);
        } else {
            nonBlock.increment();
        }
    }

    void written(Duration took) {
        writeLatency.record(seconds(took));
    }

    void ponged(Duration took) {
        ping.record(seconds(took));
    }

    void graceUsed() {
        graceUsed.increment();
    }

    private static double seconds(Duration time) {
        return time.toNanos() / NANOS;
    }
}
