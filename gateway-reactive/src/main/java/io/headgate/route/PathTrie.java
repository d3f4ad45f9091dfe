package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The routes of one host. */
final class PathTrie<T> {

    /** How many places of the tree one path may lead to, so that time depends on the path and not on the routes. */
    static final int MAX_VISITS = 1024;

    private final PathNode<T> root = new PathNode<>();
    private final List<Entry<T>> anyPath = new ArrayList<>(0);

    void add(Entry<T> entry) {
        PathPattern.Shape shape = entry.path.shape();
        if (shape.end() == PathPattern.End.ANY) {
            anyPath.add(entry);
            return;
        }
        long visits = PathNode.visitsWith(root, shape, 0);
        if (visits > MAX_VISITS) {
            throw new IllegalArgumentException("path: " + entry.route.path() + " makes lookups of host " + entry.host
                    + " try " + visits + " branches (expected: at most " + MAX_VISITS
                    + "; fewer parameters beside text in the same segments)");
        }
        root.add(entry);
    }

    void seal() {
        root.seal();
        anyPath.sort(Comparator.comparingInt(entry -> entry.rank));
    }

    @Nullable Entry<T> find(String target, int end, HttpExchange exchange, @Nullable Entry<T> best) {
        Entry<T> found = target.charAt(0) == '/' ? root.find(target, 1, end, exchange, best) : best;
        return PathNode.first(anyPath, exchange, found);
    }

    void covering(PathPattern.Shape shape, Consumer<Entry<T>> sink) {
        anyPath.forEach(sink);
        if (shape.end() != PathPattern.End.ANY) {
            root.covering(shape, 0, sink);
        }
    }
}
