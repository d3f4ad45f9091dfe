package io.headgate.function.dispatch;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.time.Duration;

/** Says why a call gets no slot. */
final class Refusals {

    private static final Duration RETRY_AFTER_CLOSE = Duration.ofSeconds(1); // another gateway may take it at once

    private Refusals() {}

    static FunctionException closed() {
        return new FunctionException(ErrorKind.BUSY, "The server stops", null, RETRY_AFTER_CLOSE);
    }

    static FunctionException late(Workload workload) {
        return new FunctionException(ErrorKind.BUSY, "The call of " + workload + " came when its time was over");
    }

    static FunctionException busy(SlotQueue<?> queue) {
        return new FunctionException(
                ErrorKind.BUSY,
                "The call of " + queue.workload + " has waited too long for " + queue.lack(),
                null,
                queue.pulse.retryAfter(queue.waiting.get()));
    }

    static FunctionException tooMany(SlotQueue<?> queue) {
        int most = queue.workload.limits().maxWaiting();
        return new FunctionException(
                ErrorKind.TOO_MANY_CALLS,
                "calls of " + queue.workload + " that wait: " + (most + 1L) + " (expected: at most " + most + ")",
                null,
                queue.pulse.retryAfter(most));
    }

    static FunctionException impossible(Workload workload, MachineBudget budget) {
        String what = workload.memoryBytes() > budget.memoryBytes()
                ? "memory: " + workload.memoryBytes() + " bytes (expected: at most " + budget.memoryBytes() + ")"
                : "cpu-millis: " + workload.cpuMillis() + " (expected: at most " + budget.cpuMillis() + ")";
        return new FunctionException(ErrorKind.IMPOSSIBLE, what);
    }
}
