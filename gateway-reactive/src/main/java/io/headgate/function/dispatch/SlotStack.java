package io.headgate.function.dispatch;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Free slots, the one used last on top, so that instances too many are left alone until they have been idle for long enough. A slot is
 * not taken out when its instance is taken from below: who pops it sees that the instance is dead, and goes on.
 *
 * <p>Any thread pushes and pops without a lock; {@link #sweep} is called by one at a time.
 */
final class SlotStack<I> {

    private final AtomicReference<@Nullable SlotNode<I>> top = new AtomicReference<>();

    void push(SlotNode<I> node) {
        SlotNode<I> below;
        do {
            below = top.get();
            node.next = below;
        } while (!top.compareAndSet(below, node));
    }

    @Nullable SlotNode<I> pop() {
        SlotNode<I> node;
        do {
            node = top.get();
            if (node == null) {
                return null;
            }
        } while (!top.compareAndSet(node, node.next));
        return node;
    }

    /**
     * Forgets slots of dead instances, so that a queue whose lower slots are never reached does not keep them. A pop at the same time may
     * bring one back to the top, where the next pop finds it.
     */
    void sweep() {
        SlotNode<I> node = top.get();
        while (node != null && node.unit().isDead()) {
            top.compareAndSet(node, node.next);
            node = top.get();
        }
        while (node != null) {
            SlotNode<I> below = node.next;
            if (below != null && below.unit().isDead()) {
                node.next = below.next;
            } else {
                node = below;
            }
        }
    }
}
