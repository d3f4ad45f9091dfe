package io.headgate.function.dispatch;

/** Memory and CPU: what is free, and what will be when instances that are being stopped are gone. Not for several threads. */
final class Tokens {

    private final MachineBudget budget;
    private long freeMemory;
    private long freeCpu;
    private long comingMemory;
    private long comingCpu;

    Tokens(MachineBudget budget) {
        this.budget = budget;
        freeMemory = budget.memoryBytes();
        freeCpu = budget.cpuMillis();
    }

    long takenMemory() {
        return budget.memoryBytes() - freeMemory;
    }

    long takenCpu() {
        return budget.cpuMillis() - freeCpu;
    }

    void take(Workload workload) {
        freeMemory -= workload.memoryBytes();
        freeCpu -= workload.cpuMillis();
        if (freeMemory < 0 || freeCpu < 0) {
            throw new IllegalStateException(
                    "More is taken than there is: " + freeMemory + " bytes, " + freeCpu + " cpu");
        }
    }

    /** They come back soon. */
    void announce(Workload workload) {
        comingMemory += workload.memoryBytes();
        comingCpu += workload.cpuMillis();
    }

    /** They are back, as announced. */
    void arrive(Workload workload) {
        comingMemory -= workload.memoryBytes();
        comingCpu -= workload.cpuMillis();
        give(workload);
    }

    void give(Workload workload) {
        freeMemory += workload.memoryBytes();
        freeCpu += workload.cpuMillis();
    }

    Room room() {
        return new Room(freeMemory, freeCpu, comingMemory, comingCpu);
    }

    /** What is left for those further behind in the line. */
    static final class Room {

        private long freeMemory;
        private long freeCpu;
        private long comingMemory;
        private long comingCpu;

        Room(long freeMemory, long freeCpu, long comingMemory, long comingCpu) {
            this.freeMemory = freeMemory;
            this.freeCpu = freeCpu;
            this.comingMemory = comingMemory;
            this.comingCpu = comingCpu;
        }

        boolean has(Workload workload) {
            return freeMemory >= workload.memoryBytes() && freeCpu >= workload.cpuMillis();
        }

        long lacksMemory(Workload workload) {
            return Math.max(0, workload.memoryBytes() - freeMemory - comingMemory);
        }

        long lacksCpu(Workload workload) {
            return Math.max(0, workload.cpuMillis() - freeCpu - comingCpu);
        }

        boolean willHave(Workload workload) {
            return lacksMemory(workload) == 0 && lacksCpu(workload) == 0;
        }

        void comes(Workload workload) {
            comingMemory += workload.memoryBytes();
            comingCpu += workload.cpuMillis();
        }

        /** Keeps what there is of it, and of what comes, from those behind. */
        void reserve(Workload workload) {
            long memory = Math.min(freeMemory, workload.memoryBytes());
            freeMemory -= memory;
            comingMemory = Math.max(0, comingMemory - (workload.memoryBytes() - memory));
            long cpu = Math.min(freeCpu, workload.cpuMillis());
            freeCpu -= cpu;
            comingCpu = Math.max(0, comingCpu - (workload.cpuMillis() - cpu));
        }

        boolean isEmpty() {
            return freeMemory == 0 && comingMemory == 0;
        }
    }
}
