package io.headgate.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** Frames of one direction and their payload, by type. Types are few; should a dialect make them up, the rest is one. */
final class RpcFrames {

    static final String OTHER = "other";

    private static final int MOST_TYPES = 32;

    private record Count(LongAdder frames, LongAdder payload) {}

    private final Function<String, LongAdder> frames;
    private final Function<String, LongAdder> payload;
    private volatile Map<String, Count> counts = Map.of(); // replaced when a type comes

    RpcFrames(Function<String, LongAdder> frames, Function<String, LongAdder> payload) {
        this.frames = frames;
        this.payload = payload;
    }

    void count(String type, int length) {
        Count count = counts.get(type);
        if (count == null) {
            count = join(type);
        }
        count.frames.increment();
        count.payload.add(length);
    }

    private synchronized Count join(String type) {
        Map<String, Count> known = counts;
        String name = known.size() < MOST_TYPES || known.containsKey(type) ? type : OTHER;
        Count there = known.get(name);
        if (there != null) {
            return there;
        }
        Count added = new Count(frames.apply(name), payload.apply(name));
        Map<String, Count> more = new HashMap<>(known);
        more.put(name, added);
        counts = more;
        return added;
    }
}
