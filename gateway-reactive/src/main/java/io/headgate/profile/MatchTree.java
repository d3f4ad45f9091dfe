package io.headgate.profile;

import java.util.List;

/** Keeps conditions within bounds: they come from elsewhere, and are evaluated recursively for each request. */
final class MatchTree {

    /** Levels of conditions within conditions; the control plane of Linkerd makes three. */
    static final int MAX_DEPTH = 64;

    /** Conditions within one, it included. */
    static final int MAX_PARTS = 10_000;

    private int parts = 1;

    private MatchTree() {}

    /**
     * Checks what is about to become one condition.
     *
     * @throws IllegalArgumentException when it would be too deep or too large
     */
    static void check(List<?> children) {
        new MatchTree().visit(children, 2);
    }

    private void visit(List<?> children, int depth) {
        if (depth > MAX_DEPTH && !children.isEmpty()) {
            throw new IllegalArgumentException(
                    "condition: more than " + MAX_DEPTH + " levels (expected: at most " + MAX_DEPTH + ")");
        }
        for (Object child : children) {
            if (++parts > MAX_PARTS) {
                throw new IllegalArgumentException(
                        "condition: more than " + MAX_PARTS + " parts (expected: at most " + MAX_PARTS + ")");
            }
            visit(childrenOf(child), depth + 1);
        }
    }

    private static List<?> childrenOf(Object condition) {
        if (condition instanceof RequestMatch request) {
            return request.children();
        }
        return condition instanceof ResponseMatch response ? response.children() : List.of();
    }
}
