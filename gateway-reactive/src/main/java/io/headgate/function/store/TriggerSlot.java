package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import java.util.HashMap;
import java.util.Map;
import reactor.core.publisher.Mono;

/** A trigger in an index, with what its source says about paths. */
final class TriggerSlot {

    static final String REST = "*";

    private final Trigger trigger;
    private final String[] segments;
    private final boolean isPattern;
    private final TargetMemo memo = new TargetMemo();

    TriggerSlot(Trigger trigger) {
        this.trigger = trigger;
        this.segments = trigger.source().substring(1).split("/", -1);
        this.isPattern = isRest() || trigger.source().indexOf('{') >= 0;
    }

    Trigger trigger() {
        return trigger;
    }

    boolean isPattern() {
        return isPattern;
    }

    boolean isRest() {
        return segments[segments.length - 1].equals(REST);
    }

    /** The segments of which each is for one of a path. */
    int depth() {
        return isRest() ? segments.length - 1 : segments.length;
    }

    String segment(int i) {
        return segments[i];
    }

    static boolean isParameter(String segment) {
        return segment.startsWith("{");
    }

    /** What a path that matches is for. */
    Mono<Target> target(App app, Fn fn, String path) {
        return isPattern ? Mono.just(new Target(app, fn, trigger, parameters(path))) : memo.target(app, fn, trigger);
    }

    private Map<String, String> parameters(String path) {
        Map<String, String> parameters = new HashMap<>();
        int at = 1;
        for (int i = 0; i < depth(); i++) {
            int end = TriggerIndex.segmentEnd(path, at);
            if (isParameter(segments[i])) {
                parameters.put(segments[i].substring(1, segments[i].length() - 1), path.substring(at, end));
            }
            at = end + 1;
        }
        if (isRest()) {
            parameters.put(REST, at < path.length() ? path.substring(at) : "");
        }
        return Map.copyOf(parameters);
    }
}
