package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The routes whose paths begin in one way; as a map, what follows in text. Filled while a table is built, read-only
 * afterwards. No deeper than {@link PathPattern#MAX_SEGMENTS}, which bounds the recursion.
 */
final class PathNode<T> extends RegionMap<PathNode<T>> {

    private @Nullable PathNode<T> parameter;
    private @Nullable Entry<T> full;
    private @Nullable Entry<T> rest;
    private @Nullable Entry<T> prefix;

    // the lowest ranks from here on, in all and without what follows in text
    private int least = Integer.MAX_VALUE;
    private int leastBeside = Integer.MAX_VALUE;

    // the most nodes that a path can lead a lookup to from here on, in all and through text
    private int visits = 1;
    private int textVisits;

    PathNode() {
        super(false);
    }

    /** The most nodes that a lookup could be led to if a route of a shape was there. */
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
            PathNode<T> child = node == null ? null : node.get(segment.text());
            ofTexts = Math.max(ofTexts, visitsWith(child, shape, depth + 1));
        }
        return 1 + ofTexts + ofParameter;
    }

    /**
     * Makes the nodes of a shape.
     *
     * @param texts one object for each text: hosts often have the same paths, whose texts are then near at hand
     */
    void grow(PathPattern.Shape shape, int depth, Map<String, String> texts) {
        if (depth == shape.segments().size()) {
            return;
        }
        PathPattern.Segment segment = shape.segments().get(depth);
        PathNode<T> child;
        if (segment.isParameter()) {
            child = parameter == null ? new PathNode<>() : parameter;
            parameter = child;
            child.grow(shape, depth + 1, texts);
        } else {
            child = computeIfAbsent(texts.computeIfAbsent(segment.text(), text -> text), PathNode::new);
            child.grow(shape, depth + 1, texts);
            textVisits = Math.max(textVisits, child.visits);
        }
        visits = 1 + textVisits + (parameter == null ? 0 : parameter.visits);
    }

    /** Adds a route whose rank is known; the nodes are there. */
    void add(Entry<T> entry, int depth) {
        PathPattern.Shape shape = entry.path.shape();
        least = Math.min(least, entry.rank);
        PathPattern.Segment segment =
                depth < shape.segments().size() ? shape.segments().get(depth) : null;
        PathNode<T> child = segment == null || segment.isParameter() ? parameter : get(segment.text());
        if (segment == null || segment.isParameter()) {
            leastBeside = Math.min(leastBeside, entry.rank);
        }
        if (segment != null && child != null) {
            child.add(entry, depth + 1);
        } else if (shape.end() == PathPattern.End.FULL) {
            full = Entry.insert(entry, full);
        } else if (shape.end() == PathPattern.End.REST) {
            rest = Entry.insert(entry, rest);
        } else {
            prefix = Entry.insert(entry, prefix);
        }
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
            found = Entry.first(full, exchange, found);
        } else {
            int stop = Texts.indexOf(target, '/', at, end);
            PathNode<T> child = get(target, at, stop);
            if (child != null) {
                found = child.find(target, stop + 1, end, exchange, found);
            }
            if (found != null && found.rank <= leastBeside) {
                return found;
            }
            if (parameter != null && stop > at) {
                found = parameter.find(target, stop + 1, end, exchange, found);
            }
            found = Entry.first(rest, exchange, found);
        }
        return Entry.first(prefix, exchange, found);
    }

    /** Shows the routes whose paths cover those of a pattern. */
    void covering(PathPattern.Shape shape, int depth, Consumer<Entry<T>> sink) {
        show(prefix, sink);
        if (depth == shape.segments().size()) {
            if (shape.end() == PathPattern.End.FULL) {
                show(full, sink);
            } else if (shape.end() == PathPattern.End.REST) {
                show(rest, sink);
            }
            return;
        }
        show(rest, sink);
        PathPattern.Segment segment = shape.segments().get(depth);
        PathNode<T> child = segment.isParameter() ? null : get(segment.text());
        if (child != null) {
            child.covering(shape, depth + 1, sink);
        }
        if (parameter != null && (segment.isParameter() || !segment.text().isEmpty())) {
            parameter.covering(shape, depth + 1, sink);
        }
    }

    static <T> void show(@Nullable Entry<T> list, Consumer<Entry<T>> sink) {
        for (Entry<T> entry = list; entry != null; entry = entry.next) {
            sink.accept(entry);
        }
    }
}
