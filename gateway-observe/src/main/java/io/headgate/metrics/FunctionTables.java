package io.headgate.metrics;

import io.headgate.function.async.CallStore.Backlog;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.dispatch.DispatchStats.QueueStats;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.log.SyslogStats;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** The meters of what the parts of functions say of themselves. */
final class FunctionTables {

    private static final String PREFIX = FunctionMeters.PREFIX;

    static final EngineTable<DispatchStats> DISPATCH = EngineTable.<DispatchStats>of(PREFIX)
            .gauge("util.mem.used", null, "Memory that instances have, in bytes", DispatchStats::memoryBytes)
            .gauge(
                    "util.mem.avail",
                    null,
                    "Memory that is left for instances, in bytes",
                    stats -> stats.budget().memoryBytes() - stats.memoryBytes())
            .gauge("util.cpu.used", null, "CPU that instances have, in thousandths of a core", DispatchStats::cpuMillis)
            .gauge(
                    "util.cpu.avail",
                    null,
                    "CPU that is left for instances, in thousandths of a core",
                    stats -> stats.budget().cpuMillis() - stats.cpuMillis());

    /** Several configurations of one function may have instances for a while; they are shown as one. */
    static final EngineMembers.Plan<QueueStats> QUEUES = new EngineMembers.Plan<>(
            EngineTable.<List<QueueStats>>of(PREFIX)
                    .gauge(
                            "dispatch.queues",
                            null,
                            "Configurations of functions that have calls or instances",
                            List::size),
            EngineTable.<QueueStats>of(PREFIX)
                    .gauge("dispatch.waiting", null, "Calls that wait for an instance", QueueStats::waiting)
                    .gauge("container.wait.total", null, "Instances that wait for memory and CPU", QueueStats::claims)
                    .gauge("container.start.total", null, "Instances that are being started", QueueStats::starting)
                    .gauge("container.idle.total", null, "Instances without calls", QueueStats::idle)
                    .gauge(
                            "container.paused.total",
                            null,
                            "Instances without calls that are frozen",
                            QueueStats::paused)
                    .gauge("container.busy.total", null, "Instances with calls", QueueStats::busy)
                    .gauge(
                            "container.stopping.total",
                            null,
                            "Instances that are being stopped and still hold memory",
                            QueueStats::stopping),
            queue -> queue.workload().fn().id() + ' ' + queue.workload().fn().image(),
            FunctionTables::tags,
            FunctionInstances.tags(FunctionTable.OTHER, FunctionTable.OTHER, FunctionTable.OTHER));

    static final EngineTable<Backlog> BACKLOG = EngineTable.<Backlog>of(PREFIX)
            .gauge("async.queued", null, "Recorded calls that wait, of all processes", Backlog::queued)
            .gauge("async.running", null, "Recorded calls under a lease, of all processes", Backlog::running)
            .gauge("async.dead", null, "Recorded calls that have failed for good", Backlog::dead);

    static final EngineMembers.Plan<SyslogStats> SYSLOG = new EngineMembers.Plan<>(
            EngineTable.<List<SyslogStats>>of(PREFIX)
                    .gauge("syslog.shippers", null, "Syslog servers of applications with instances", List::size),
            EngineTable.<SyslogStats>of(PREFIX)
                    .gauge(
                            "syslog.connected",
                            null,
                            "1 while there is a connection, else 0",
                            stats -> EngineTable.flag(stats.connected()),
                            Math::min)
                    .gauge("syslog.waiting", null, "Lines that wait", SyslogStats::waiting)
                    .counter("syslog.shipped", null, "Lines that the system has taken", SyslogStats::shipped)
                    .counter("syslog.dropped", null, "Lines that found no room", SyslogStats::dropped),
            "app_id",
            SyslogStats::appId);

    private FunctionTables() {}

    private static Tags tags(QueueStats queue) {
        Workload workload = queue.workload();
        return FunctionInstances.tags(
                workload.app().id(), workload.fn().id(), workload.fn().image());
    }

    /** The age of the oldest recorded call, at the time of the scrape. */
    static EngineTable<Backlog> oldest(Clock clock) {
        return EngineTable.<Backlog>of(PREFIX)
                .gauge(
                        "async.oldest",
                        "seconds",
                        "Time since the oldest recorded call that waits was accepted",
                        backlog -> {
                            Instant oldest = backlog.oldest();
                            return oldest == null ? 0 : Math.max(0, (clock.millis() - oldest.toEpochMilli()) / 1e3);
                        });
    }
}
