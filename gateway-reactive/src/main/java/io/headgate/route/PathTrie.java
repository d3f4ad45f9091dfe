package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The routes of one host. */
class PathTrie<T> {

    /** How many places of the tree one path may lead to, so that time depends on the path and not on the routes. */
    static final int MAX_VISITS = 1024;

    private final PathNode<T> root = new PathNode<>();
    private @Nullable Entry<T> anyPath;

    /** Makes room for a route, or says why there is none. */
    final void grow(Entry<T> entry, Map<String, String> texts) {
        PathPattern.Shape shape = entry.path.shape();
        long visits = PathNode.visitsWith(root, shape, 0);
        if (visits > MAX_VISITS) {
            throw new IllegalArgumentException("path: " + entry.route.path() + " makes lookups of host " + entry.host
                    + " try " + visits + " branches (expected: at most " + MAX_VISITS
                    + "; fewer parameters beside text in the same segments)");
        }
        root.grow(shape, 0, texts);
    }

    /** Adds a route whose rank is known. */
    final void add(Entry<T> entry) {
        if (entry.path.shape().end() == PathPattern.End.ANY) {
            anyPath = Entry.insert(entry, anyPath);
        } else {
            root.add(entry, 0);
        }
    }

    final @Nullable Entry<T> find(String target, int end, HttpExchange exchange, @Nullable Entry<T> best) {
        Entry<T> found = target.charAt(0) == '/' ? root.find(target, 1, end, exchange, best) : best;
        return Entry.first(anyPath, exchange, found);
    }

    final void covering(PathPattern.Shape shape, Consumer<Entry<T>> sink) {
        PathNode.show(anyPath, sink);
        if (shape.end() != PathPattern.End.ANY) {
            root.covering(shape, 0, sink);
        }
    }
}
