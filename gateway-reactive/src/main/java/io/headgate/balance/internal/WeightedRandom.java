package io.headgate.balance.internal;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** By chance, each endpoint as likely as its weight says, without regard to load. */
public final class WeightedRandom implements Picker {

    private final LongSupplier random;

    public WeightedRandom(LongSupplier random) {
        this.random = random;
    }

    @Override
    public boolean isWeighted() {
        return true;
    }

    @Override
    public @Nullable Node draw(Tier tier, long now) {
        int size = tier.size();
        Node spare = null;
        for (int i = 0; i < DRAWS && size > 0; i++) {
            Node node = tier.get(tier.byWeight(random.getAsLong()));
            if (node == null) {
                node = tier.get(
                        Dice.upper(random.getAsLong(), size)); // all weigh nothing here, or the tree is changing
            }
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
