package io.headgate.balance.internal;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One after the other, without regard to load and weight. */
public final class RoundRobin implements Picker {

    private final AtomicInteger turn = new AtomicInteger();
    private final LongSupplier random;

    public RoundRobin(LongSupplier random) {
        this.random = random;
    }

    @Override
    public @Nullable Node draw(Tier tier, long now) {
        int size = tier.size();
        Node spare = null;
        for (int i = 0; i < DRAWS && size > 0; i++) {
            Node node = tier.get(Integer.remainderUnsigned(turn.getAndIncrement(), size));
            if (node != null && node.isReady()) {
                if (node.takes(now, random.getAsLong())) {
                    return node;
                }
                spare = node;
            }
        }
        return spare;
    }
}
