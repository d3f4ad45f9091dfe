package io.headgate.function.dispatch;

import java.util.ArrayList;
import java.util.List;

/** Chooses which idle instances make room: the oldest first, and as many as are needed or none. */
final class Evictor {

    private Evictor() {}

    /**
     * Chooses. Instances that cannot be seized, because they have got a call in the meantime, are passed over.
     *
     * @param oldestFirst candidates, none of the queue that needs the room
     * @param memory bytes that are missing
     * @param cpu thousandths of a core that are missing
     * @return seized instances that make up for both, or none
     */
    static <T extends Evictable> List<T> choose(List<T> oldestFirst, long memory, long cpu) {
        List<T> chosen = new ArrayList<>();
        long memoryLeft = memory;
        long cpuLeft = cpu;
        for (T candidate : oldestFirst) {
            if (memoryLeft <= 0 && cpuLeft <= 0) {
                break;
            }
            if (candidate.seize()) {
                chosen.add(candidate);
                memoryLeft -= candidate.memoryBytes();
                cpuLeft -= candidate.cpuMillis();
            }
        }
        if (memoryLeft > 0 || cpuLeft > 0) {
            chosen.forEach(Evictable::letGo);
            return List.of();
        }
        return chosen;
    }

    /** What may be evicted. */
    interface Evictable {

        long memoryBytes();

        long cpuMillis();

        /** Keeps calls away. False when it has one. */
        boolean seize();

        /** Lets calls come again. */
        void letGo();
    }
}
