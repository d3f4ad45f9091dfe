package io.headgate.function.dispatch;

import java.util.List;

/**
 * How a dispatcher is. The figures are read one after the other while work goes on.
 *
 * @param budget what all instances together may take
 * @param memoryBytes memory that is taken
 * @param cpuMillis CPU that is taken, in thousandths of a core
 * @param evictions instances that have made room for other functions
 * @param queues the queues, in no particular order
 */
public record DispatchStats(
        MachineBudget budget, long memoryBytes, long cpuMillis, long evictions, List<QueueStats> queues) {

    /** Copies the list. */
    public DispatchStats {
        queues = List.copyOf(queues);
    }

    /**
     * How a queue is.
     *
     * @param workload what it is for
     * @param waiting calls that wait
     * @param claims launches that wait for tokens, 0 or 1
     * @param starting instances that are being started
     * @param idle instances without calls, frozen ones not counted
     * @param paused frozen instances
     * @param busy instances with calls
     * @param stopping instances that are being stopped and still hold tokens
     * @param granted slots granted since the queue is there
     */
    public record QueueStats(
            Workload workload,
            int waiting,
            int claims,
            int starting,
            int idle,
            int paused,
            int busy,
            int stopping,
            long granted) {}
}
