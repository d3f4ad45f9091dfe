package io.headgate.health;

import io.headgate.resolve.Endpoint;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what health checks find: how often endpoints have ceased to be well, have become well, and how often so few were that
 * all were used.
 *
 * <p><b>Threading.</b> Any; one may count for any number of checks.
 */
public final class HealthCounts implements HealthObserver {

    private final LongAdder falls = new LongAdder();
    private final LongAdder rises = new LongAdder();
    private final LongAdder panics = new LongAdder();

    private HealthCounts() {}

    /**
     * Counts.
     *
     * @return all zero
     */
    public static HealthCounts create() {
        return new HealthCounts();
    }

    @Override
    public void onChange(String name, Endpoint endpoint, Health health) {
        (health.isHealthy() ? rises : falls).increment();
    }

    @Override
    public void onPanic(String name, boolean panic) {
        if (panic) {
            panics.increment();
        }
    }

    /**
     * How often an endpoint has ceased to be well.
     *
     * @return from the beginning
     */
    public long falls() {
        return falls.sum();
    }

    /**
     * How often an endpoint has become well, for the first time included where that is asked for.
     *
     * @return from the beginning
     */
    public long rises() {
        return rises.sum();
    }

    /**
     * How often so few endpoints were well that all were used.
     *
     * @return from the beginning
     */
    public long panics() {
        return panics.sum();
    }
}
