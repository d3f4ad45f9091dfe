package io.headgate.function.store;

import io.headgate.function.model.Trigger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The triggers of an application by their sources. A path is for the trigger whose source it is, letter by letter; else for one with
 * parameters that takes the whole path, text before a parameter from the left; else for the one with {@code /*} that takes the most
 * segments of it. Of two sources that differ in the names of parameters alone, the first in order counts. Immutable.
 */
final class TriggerIndex {

    private final Map<String, TriggerSlot> exact = new HashMap<>();
    private final Node root = new Node();
    private final Set<String> ids = new HashSet<>();
    private final int size;
    private boolean hasPatterns;

    /** A place in the tree of the sources that have parameters or an open end. */
    private static final class Node {
        private final Map<String, Node> texts = new HashMap<>();
        private @Nullable Node parameter;
        private @Nullable TriggerSlot whole;
        private @Nullable TriggerSlot rest;

        private Node child(String segment) {
            if (!TriggerSlot.isParameter(segment)) {
                return texts.computeIfAbsent(segment, text -> new Node());
            }
            if (parameter == null) {
                parameter = new Node();
            }
            return parameter;
        }
    }

    TriggerIndex(List<Trigger> triggers) {
        this.size = triggers.size();
        for (Trigger trigger : triggers) {
            ids.add(trigger.id());
            ids.add(trigger.fnId());
            TriggerSlot slot = new TriggerSlot(trigger);
            if (slot.isPattern()) {
                add(slot);
            } else {
                exact.put(trigger.source(), slot);
            }
        }
    }

    private void add(TriggerSlot slot) {
        hasPatterns = true;
        Node node = root;
        for (int i = 0; i < slot.depth(); i++) {
            node = node.child(slot.segment(i));
        }
        if (slot.isRest()) {
            node.rest = node.rest == null ? slot : node.rest;
        } else {
            node.whole = node.whole == null ? slot : node.whole;
        }
    }

    int size() {
        return size;
    }

    /** Whether one of the triggers, or the function of one, has this id. */
    boolean mentions(String id) {
        return ids.contains(id);
    }

    @Nullable TriggerSlot find(String path) {
        TriggerSlot slot = exact.get(path);
        if (slot != null || !hasPatterns || !path.startsWith("/")) {
            return slot;
        }
        slot = whole(root, path, 1);
        return slot != null ? slot : rest(root, path, 1);
    }

    static int segmentEnd(String path, int start) {
        int slash = path.indexOf('/', start);
        return slash < 0 ? path.length() : slash;
    }

    private static @Nullable TriggerSlot whole(Node node, String path, int at) {
        if (at > path.length()) {
            return node.whole;
        }
        int end = segmentEnd(path, at);
        Node text = node.texts.get(path.substring(at, end));
        TriggerSlot found = text == null ? null : whole(text, path, end + 1);
        if (found != null || node.parameter == null || end == at) {
            return found;
        }
        return whole(node.parameter, path, end + 1);
    }

    private static @Nullable TriggerSlot rest(Node node, String path, int at) {
        if (at > path.length()) {
            return node.rest;
        }
        int end = segmentEnd(path, at);
        Node text = node.texts.get(path.substring(at, end));
        TriggerSlot best = deeper(node.rest, text == null ? null : rest(text, path, end + 1));
        if (node.parameter == null || end == at) {
            return best;
        }
        return deeper(best, rest(node.parameter, path, end + 1));
    }

    /** The one that takes more segments, the first when both take as many. */
    private static @Nullable TriggerSlot deeper(@Nullable TriggerSlot first, @Nullable TriggerSlot second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return second.depth() > first.depth() ? second : first;
    }
}
