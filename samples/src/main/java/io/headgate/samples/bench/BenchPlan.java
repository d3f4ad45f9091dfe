package io.headgate.samples.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What to measure.
 *
 * @param contenders their names as options, in the order of the tables; empty for all
 * @param links what lies between the ends
 * @param sources what senders do for a frame
 * @param frames bytes of a frame of a stream
 * @param callBytes bytes of a small call
 * @param inFlight small calls in flight; one at a time is measured as well
 * @param rounds turns of each
 * @param turn how long each takes, about
 * @param warmUp at least, before the first round, for each contender, link and workload; longer while compilers are busy
 * @param idleConnections how many to measure the memory of one
 * @param pinned whether servers keep to the first processor and clients to the second
 * @param jvmOptions of the processes
 */
public record BenchPlan(
        List<String> contenders,
        List<Link> links,
        List<Source> sources,
        List<Integer> frames,
        int callBytes,
        int inFlight,
        int rounds,
        Duration turn,
        Duration warmUp,
        int idleConnections,
        boolean pinned,
        List<String> jvmOptions) {

    private static final int MOST_FRAME = 16 << 20;

    /** Checks the ranges. */
    public BenchPlan {
        contenders = List.copyOf(contenders.isEmpty() ? Contenders.keys() : contenders);
        contenders.forEach(Contenders::of);
        links = List.copyOf(links);
        sources = List.copyOf(sources);
        frames = List.copyOf(frames);
        jvmOptions = List.copyOf(jvmOptions);
        frames.forEach(frame -> between("frame", frame, 1, MOST_FRAME));
        between("callBytes", callBytes, 1, 1 << 20);
        between("inFlight", inFlight, 1, 1 << 14);
        between("rounds", rounds, 1, 1000);
        between("idleConnections", idleConnections, 1, 10_000);
    }

    private static void between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    List<Workload> workloads() {
        List<Workload> all = new ArrayList<>();
        for (Source source : sources) {
            for (int frame : frames) {
                all.add(new Workload.Stream(source, frame));
            }
        }
        all.add(new Workload.Small(inFlight, callBytes));
        if (inFlight > 1) {
            all.add(new Workload.Small(1, callBytes));
        }
        return all;
    }
}
