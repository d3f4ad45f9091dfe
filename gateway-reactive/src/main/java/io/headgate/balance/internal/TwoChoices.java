package io.headgate.balance.internal;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The less loaded of two that are drawn by chance (Mitzenmacher 2001); of equal ones the first. */
public final class TwoChoices implements Picker {

    private final Load load;
    private final LongSupplier random;

    public TwoChoices(Load load, LongSupplier random) {
        this.load = load;
        this.random = random;
    }

    @Override
    public @Nullable Node draw(Tier tier, long now) {
        int size = tier.size();
        if (size <= 1) {
            return size == 0 ? null : ready(tier.get(0));
        }
        Node found = null;
        for (int i = 0; i < DRAWS; i += 2) {
            long bits = random.getAsLong();
            int first = Dice.upper(bits, size);
            int second = Dice.lower(bits, size - 1);
            Node one = ready(tier.get(first));
            Node other = ready(tier.get(second < first ? second : second + 1));
            if (found == null) {
                if (one != null && other != null) {
                    return lighter(one, other, now);
                }
                found = one == null ? other : one;
            } else if (one != null && one != found) {
                return lighter(found, one, now);
            } else if (other != null && other != found) {
                return lighter(found, other, now);
            }
        }
        return found;
    }

    private static @Nullable Node ready(@Nullable Node node) {
        return node != null && node.isReady() ? node : null;
    }

    private Node lighter(Node one, Node other, long now) {
        return load.of(other, now) < load.of(one, now) ? other : one;
    }
}
