package io.headgate.balance.internal;

/** What one more call would meet at an endpoint: the less, the better. */
@FunctionalInterface
public interface Load {

    /** Calls that have not ended, per weight. */
    Load OPEN_CALLS = (node, now) -> (node.open() + 1) / node.weight(now);

    double of(Node node, long now);
}
