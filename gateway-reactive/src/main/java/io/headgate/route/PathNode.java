package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The routes whose paths begin in one way. Filled while a table is built, read-only afterwards. No deeper than
 * {@link PathPattern#MAX_SEGMENTS}, which bounds the recursion.
 */
final class PathNode<T> {

    private final RegionMap<PathNode<T>> texts = new RegionMap<>(false);
    private @Nullable PathNode<T> parameter;
    private final List<Entry<T>> full = new ArrayList<>(0);
    private final List<Entry<T>> rest = new ArrayList<>(0);
    private final List<Entry<T>> prefix = new ArrayList<>(0);
    private int least = Integer.MAX_VALUE; // the lowest rank from here on

    private int visits = 1; // the most nodes that a path can lead a lookup to, from here on
    private int textVisits;

    void add(Entry<T> entry) {
        add(entry, 0);
    }

    private void add(Entry<T> entry, int depth) {
        PathPattern.Shape shape = entry.path.shape();
        if (depth == shape.segments().size()) {
            slot(shape.end()).add(entry);
            return;
        }
        PathPattern.Segment segment = shape.segments().get(depth);
        PathNode<T> child;
        if (segment.isParameter()) {
            child = parameter == null ? new PathNode<>() : parameter;
            parameter = child;
            child.add(entry, depth + 1);
        } else {
            child = texts.computeIfAbsent(segment.text(), PathNode::new);
            child.add(entry, depth + 1);
            textVisits = Math.max(textVisits, child.visits);
        }
        visits = 1 + textVisits + (parameter == null ? 0 : parameter.visits);
    }

    private List<Entry<T>> slot(PathPattern.End end) {
        return switch (end) {
            case FULL -> full;
            case REST -> rest;
            case PREFIX, ANY -> prefix;
        };
    }

    /** The most nodes that a lookup could be led to if a route of a shape was added. */
    static <T> long visitsWith(@Nullable PathNode<T> node, PathPattern.Shape shape, int depth) {
        if (depth == shape.segments().size()) {
            return node == null ? 1 : node.visits;
        }
        PathPattern.Segment segment = shape.segments().get(depth);
        PathNode<T> parameter = node == null ? null : node.parameter;
        long ofTexts = node == null ? 0 : node.textVisits;
        long ofParameter = parameter == null ? 0 : parameter.visits;
        if (segment.isParameter()) {
            ofParameter = visitsWith(parameter, shape, depth + 1);
        } else {
            PathNode<T> child = node == null ? null : node.texts.get(segment.text());
            ofTexts = Math.max(ofTexts, visitsWith(child, shape, depth + 1));
        }
        return 1 + ofTexts + ofParameter;
    }

    /** Called when the ranks are known. */
    int seal() {
        for (List<Entry<T>> slot : List.of(full, rest, prefix)) {
            slot.sort(Comparator.comparingInt(entry -> entry.rank));
            least = slot.isEmpty() ? least : Math.min(least, slot.get(0).rank);
        }
        for (PathNode<T> child : texts.values()) {
            least = Math.min(least, child.seal());
        }
        if (parameter != null) {
            least = Math.min(least, parameter.seal());
        }
        return least;
    }

    /**
     * Looks a path up.
     *
     * @param at where the next segment starts, or behind the end when there is none
     * @param end where the path ends
     * @param best what was found before
     * @return what is found with the lowest rank
     */
    @Nullable Entry<T> find(String target, int at, int end, HttpExchange exchange, @Nullable Entry<T> best) {
        if (best != null && best.rank <= least) {
            return best;
        }
        Entry<T> found = best;
        if (at > end) {
            found = first(full, exchange, found);
        } else {
            int stop = Texts.indexOf(target, '/', at, end);
            PathNode<T> child = texts.get(target, at, stop);
            if (child != null) {
                found = child.find(target, stop + 1, end, exchange, found);
            }
            if (parameter != null && stop > at) {
                found = parameter.find(target, stop + 1, end, exchange, found);
            }
            found = first(rest, exchange, found);
        }
        return first(prefix, exchange, found);
    }

    /** The first of a slot that matches, if it is better than what was found before. */
    static <T> @Nullable Entry<T> first(List<Entry<T>> slot, HttpExchange exchange, @Nullable Entry<T> best) {
        for (int i = 0; i < slot.size(); i++) {
            Entry<T> entry = slot.get(i);
            if (best != null && best.rank <= entry.rank) {
                return best;
            }
            if (entry.admits(exchange)) {
                return entry;
            }
        }
        return best;
    }

    /** Shows the routes whose paths cover those of a pattern. */
    void covering(PathPattern.Shape shape, int depth, Consumer<Entry<T>> sink) {
        prefix.forEach(sink);
        if (depth == shape.segments().size()) {
            if (shape.end() == PathPattern.End.FULL) {
                full.forEach(sink);
            } else if (shape.end() == PathPattern.End.REST) {
                rest.forEach(sink);
            }
            return;
        }
        rest.forEach(sink);
        PathPattern.Segment segment = shape.segments().get(depth);
        PathNode<T> child = segment.isParameter() ? null : texts.get(segment.text());
        if (child != null) {
            child.covering(shape, depth + 1, sink);
        }
        if (parameter != null && (segment.isParameter() || !segment.text().isEmpty())) {
            parameter.covering(shape, depth + 1, sink);
        }
    }
}
