package io.headgate.profile;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.EnumSet;

/** A {@link TrafficSplit} has no target that takes calls now: nothing was sent anywhere, and the call may be made again. */
public final class NoTargetException extends GatewayException {

    private static final long serialVersionUID = 1L;

    NoTargetException(int targets) {
        super(
                503,
                EnumSet.of(Trait.RETRYABLE, Trait.REJECTED),
                "traffic split: 0 of " + targets + " targets are ready (expected: 1 or more)",
                null,
                false);
    }
}
