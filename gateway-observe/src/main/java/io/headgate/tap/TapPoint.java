package io.headgate.tap;

import io.headgate.resolve.Endpoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a tap sits: what is the same for all exchanges that pass there. Made once, with its stage.
 *
 * @param direction which side of the gateway it is
 * @param destination where exchanges go from here, or null when that is not known yet
 */
public record TapPoint(Direction direction, @Nullable Endpoint destination) {

    /** The side of a gateway. */
    public enum Direction {
        /** Towards the client: each exchange once, as the client sees it. */
        INBOUND,
        /** Towards an upstream: each attempt of an exchange once, as the upstream sees it. */
        OUTBOUND
    }

    /** The place nearest to the client. */
    public static final TapPoint INBOUND = new TapPoint(Direction.INBOUND, null);

    /** A place towards upstreams of which nothing else is known. */
    public static final TapPoint OUTBOUND = new TapPoint(Direction.OUTBOUND, null);

    /** Checks the direction. */
    public TapPoint {
        Objects.requireNonNull(direction, "direction");
    }

    /**
     * The place right above an endpoint.
     *
     * @param endpoint where exchanges go from here
     * @return the point
     */
    public static TapPoint to(Endpoint endpoint) {
        return new TapPoint(Direction.OUTBOUND, Objects.requireNonNull(endpoint, "endpoint"));
    }
}
