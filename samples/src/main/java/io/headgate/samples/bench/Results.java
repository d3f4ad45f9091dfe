package io.headgate.samples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured so far. */
final class Results {

    /** What a line of figures is about. */
    record Key(Link link, Workload workload, String contender) {}

    private final Map<Key, List<Sample>> samples = new LinkedHashMap<>();
    private final Map<String, Footprint> footprints = new LinkedHashMap<>();

    void add(Key key, Sample sample) {
        samples.computeIfAbsent(key, absent -> new ArrayList<>()).add(sample);
    }

    void add(String contender, Footprint footprint) {
        footprints.put(contender, footprint);
    }

    /** The rounds of one cell; empty when the contender does not do that. */
    List<Sample> of(Link link, Workload workload, String contender) {
        return samples.getOrDefault(new Key(link, workload, contender), List.of());
    }

    Map<String, Footprint> footprints() {
        return footprints;
    }
}
