package io.headgate.tap;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/** As many observe a tap as may. */
public final class TooManyObserversException extends GatewayException {

    private static final long serialVersionUID = 1L;

    /**
     * One too many.
     *
     * @param most how many may observe at once
     */
    public TooManyObserversException(int most) {
        super(
                503,
                Set.of(Trait.REJECTED),
                "observers: " + most + " already (expected: fewer, one must leave)",
                null,
                false);
    }
}
