package io.headgate.function.dispatch;

/** Stands for an instance, and remembers what was done to it. */
final class Worker {

    final Workload workload;
    final int number;
    boolean frozen;
    boolean ended;
    boolean stopped;
    int calls;

    Worker(Workload workload, int number) {
        this.workload = workload;
        this.number = number;
    }

    @Override
    public String toString() {
        return workload + "#" + number;
    }
}
