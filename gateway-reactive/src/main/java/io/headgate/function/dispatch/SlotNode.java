package io.headgate.function.dispatch;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A free slot in a {@link SlotStack}. It is pushed once at most, which is why the stack needs no counter against ABA. */
class SlotNode<I> {

    @Nullable Unit<I> unit;

    volatile @Nullable SlotNode<I> next;

    SlotNode(@Nullable Unit<I> unit) {
        this.unit = unit;
    }

    Unit<I> unit() {
        return Objects.requireNonNull(unit, "unit");
    }
}
