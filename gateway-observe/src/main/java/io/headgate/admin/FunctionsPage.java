package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Json;
import io.headgate.admin.internal.Resource;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.dispatch.DispatchStats.QueueStats;
import io.headgate.function.dispatch.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** {@code /functions}: who waits for instances, which there are, and what is left for more. */
final class FunctionsPage {

    private static final Comparator<QueueStats> BY_NAME = Comparator.comparing(
                    (QueueStats queue) -> queue.workload().app().name())
            .thenComparing(queue -> queue.workload().fn().name())
            .thenComparing(queue -> queue.workload().key().toString());

    private FunctionsPage() {}

    static Resource of(Map<String, Supplier<DispatchStats>> functions) {
        return Resource.of("/functions", "functions: calls that wait, instances by state, memory and CPU")
                .on("GET", ask -> {
                    ask.query().only();
                    List<Object> all = new ArrayList<>();
                    functions.forEach((name, stats) -> all.add(view(name, stats.get())));
                    return Answer.json(200, Map.of("functions", all));
                });
    }

    private static Map<String, Object> view(String name, DispatchStats stats) {
        return Json.object(
                "name",
                name,
                "memoryBytes",
                Json.object(
                        "used", stats.memoryBytes(), "budget", stats.budget().memoryBytes()),
                "cpuMillis",
                Json.object("used", stats.cpuMillis(), "budget", stats.budget().cpuMillis()),
                "evictions",
                stats.evictions(),
                "waiting",
                sum(stats, QueueStats::waiting),
                "instances",
                instances(figure -> sum(stats, figure)),
                "queues",
                stats.queues().stream().sorted(BY_NAME).map(FunctionsPage::view).toList());
    }

    private static int sum(DispatchStats stats, ToIntFunction<QueueStats> figure) {
        return stats.queues().stream().mapToInt(figure).sum();
    }

    private static Map<String, Object> instances(ToIntFunction<ToIntFunction<QueueStats>> of) {
        return Json.object(
                "wait",
                of.applyAsInt(QueueStats::claims),
                "start",
                of.applyAsInt(QueueStats::starting),
                "idle",
                of.applyAsInt(QueueStats::idle),
                "paused",
                of.applyAsInt(QueueStats::paused),
                "busy",
                of.applyAsInt(QueueStats::busy),
                "stopping",
                of.applyAsInt(QueueStats::stopping));
    }

    /** Not its configuration: there are secrets in it. */
    private static Map<String, Object> view(QueueStats queue) {
        Workload workload = queue.workload();
        return Json.object(
                "app",
                workload.app().name(),
                "fn",
                workload.fn().name(),
                "fnId",
                workload.fn().id(),
                "image",
                workload.fn().image(),
                "configuration",
                workload.key().toString(),
                "memoryMb",
                workload.fn().memoryMb(),
                "cpuMillis",
                workload.cpuMillis(),
                "waiting",
                queue.waiting(),
                "instances",
                instances(figure -> figure.applyAsInt(queue)),
                "granted",
                queue.granted());
    }
}
